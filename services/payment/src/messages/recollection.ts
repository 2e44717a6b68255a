import { messages, operations, recalledTopics, type DataOf, type Evidence } from '@tallystick/contracts';
import type { Recollection } from '@tallystick/messaging';
import { claimed, parseJson, type OpenedMessage } from '@tallystick/security';
import { loadState, takeSteps, type PaymentStep } from '../take-steps.ts';

/**
 * What this service recalls where its database was set back: the payments that it began, by the evidence that their
 * first commands carry. Those commands are on Kafka and are not sent again: one that was refused might be carried out
 * now. Their answers are read again, since the positions were set back too; captures and refunds come with them.
 */
export function recollection(nowMs: () => number): Recollection {
  return {
    topics: recalledTopics.payment,
    async recall(own, tx) {
      const steps = own.flatMap(beginningOf);
      takeSteps(tx, () => {}, await loadState(tx, steps), steps, nowMs());
    },
  };
}

/** The order that a command of ours began a payment with, if it did. */
function beginningOf({ definition, data, claims }: OpenedMessage): PaymentStep[] {
  const isBeginning =
    (definition as object) === messages.holdPlace ||
    (definition as object) === messages.cardAuthorize ||
    ((definition as object) === messages.transferCreate &&
      !(data as DataOf<typeof messages.transferCreate>).refund);
  if (!isBeginning) return [];
  const { paymentId, evidence } = data as { paymentId: string; evidence: Evidence };
  const order = orderIn(evidence);
  const { txn, cause } = claims;
  return order === undefined ? [] : [{ kind: 'create', paymentId, evidence, txn, options: { cause }, order }];
}

/**
 * What a piece of evidence orders. That it was checked then is what our signature on the command says: today its key may
 * be revoked, or replaced, and the payment is there all the same.
 * @returns `undefined` where it orders no payment
 */
function orderIn(evidence: Evidence): (PaymentStep & { kind: 'create' })['order'] | undefined {
  if (evidence.kind === 'order') {
    const { iss, data } = claimed(Buffer.from(evidence.envelope));
    const created = messages.paymentCreate.data.safeParse(data);
    if (!created.success || typeof iss !== 'string') return undefined;
    const { paymentId: _paymentId, ...order } = created.data;
    return { ...order, initiator: { kind: 'producer', id: iss } };
  }
  if (evidence.kind !== 'request') return undefined;
  const { sub } = claimed(Buffer.from(evidence.accessToken));
  const order = operations.createPayment.body.safeParse(parseJson(evidence.body));
  if (!order.success || typeof sub !== 'string') return undefined;
  return { ...order.data, initiator: { kind: 'subject', id: sub } };
}
