import type { SimulatedPromise } from './promise.ts';

export const everyPaymentEnded: SimulatedPromise = {
  name: 'every payment ended, and every command has an answer',
  objections: ({ payment }) => [
    ...[...payment.payments.rows.values()]
      .filter(
        ({ status, capturingMinor, refundingMinor }) =>
          status === 'requested' || status === 'authorized' || capturingMinor !== 0n || refundingMinor !== 0n,
      )
      .map(
        ({ paymentId, source, status, capturingMinor, refundingMinor, holdEnd }) =>
          `${paymentId} by ${source.kind} is ${status}, capturing ${capturingMinor}, refunding ${refundingMinor}; its hold: ${holdEnd ?? 'nothing heard'}`,
      ),
    ...[...payment.movements.rows.values()]
      .filter(({ status }) => status === 'requested')
      .map(({ transferId, paymentId }) => `${transferId} of ${paymentId} has no answer`),
  ],
};
