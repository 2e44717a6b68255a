import { messages, OUTCOMES, type DataOf } from '@tallystick/contracts';
import type { SimulatedPromise } from './promise.ts';

/** Events that end a payment without any money moved. */
const ENDS = {
  [messages.paymentFailed.type]: 'failed',
  [messages.paymentCancelled.type]: 'cancelled',
} as const;

export const eventsMatchOutcome: SimulatedPromise = {
  name: 'the events of a payment match its outcome',
  objections: ({ broker, payment }) => {
    const distinct = new Map(broker.all(OUTCOMES).map((record) => [record.jti, record]));
    const eventsByPayment = Map.groupBy(distinct.values(), ({ key }) => key);
    return [...payment.payments.rows.values()].flatMap(
      ({ paymentId, status, capturedMinor, refundedMinor }) => {
        const events = eventsByPayment.get(paymentId) ?? [];
        const most = (type: string, of: 'capturedMinor' | 'refundedMinor'): bigint =>
          events
            .filter(({ definition }) => definition.type === type)
            .map(({ data }) => (data as DataOf<typeof messages.paymentCaptured>)[of])
            .reduce((a, b) => (a > b ? a : b), 0n);
        const objections: string[] = [];
        for (const [type, end] of Object.entries(ENDS)) {
          const times = events.filter(({ definition }) => definition.type === type).length;
          if (times !== (status === end ? 1 : 0))
            objections.push(`${paymentId} is ${status}, but ${times} events are ${type}`);
        }
        const captured = most(messages.paymentCaptured.type, 'capturedMinor');
        if (captured !== capturedMinor)
          objections.push(`${paymentId} captured ${capturedMinor}, but its events say ${captured}`);
        const refunded = most(messages.paymentRefunded.type, 'refundedMinor');
        if (refunded !== refundedMinor)
          objections.push(`${paymentId} refunded ${refundedMinor}, but its events say ${refunded}`);
        return objections;
      },
    );
  },
};
