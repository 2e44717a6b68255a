import { messages, operations, recalledTopics, type DataOf, type Evidence } from '@tallystick/contracts';
import type { Recollection } from '@tallystick/messaging';
import { verifyEvidence, type EvidenceContext, type OpenedMessage } from '@tallystick/security';
import type * as z from 'zod';
import { loadState, takeSteps, type PaymentStep } from '../take-steps.ts';

/**
 * What this service recalls where its database was set back: the payments that it began, by the evidence that their
 * first commands carry. Those commands are on Kafka and are not sent again: one that was refused might be carried out
 * now. Their answers are read again, since the positions were set back too; captures and refunds come with them.
 */
export function recollection(context: Omit<EvidenceContext, 'nowMs'>, nowMs: () => number): Recollection {
  return {
    topics: recalledTopics.payment,
    async recall(own, tx) {
      const steps = (await Promise.all(own.map((message) => beginningOf(message, context)))).flat();
      takeSteps(tx, () => {}, await loadState(tx, steps), steps, nowMs());
    },
  };
}

/** The order that a command of ours began a payment with, if it did. */
async function beginningOf(
  { definition, data, claims }: OpenedMessage,
  context: Omit<EvidenceContext, 'nowMs'>,
): Promise<PaymentStep[]> {
  const isBeginning =
    (definition as object) === messages.holdPlace ||
    (definition as object) === messages.cardAuthorize ||
    ((definition as object) === messages.transferCreate &&
      !(data as DataOf<typeof messages.transferCreate>).refund);
  if (!isBeginning) return [];
  const { paymentId, evidence } = data as { paymentId: string; evidence: Evidence };
  const shown = await verifyEvidence(evidence, { ...context, nowMs: claims.iat * 1_000 });
  const { txn, cause } = claims;
  const base = { kind: 'create', paymentId, evidence, txn, options: { cause } } as const;
  if (shown.kind === 'order') {
    const { paymentId: _paymentId, ...order } = shown.message.data as DataOf<typeof messages.paymentCreate>;
    return [{ ...base, order: { ...order, initiator: { kind: 'producer', id: shown.producerId } } }];
  }
  if (shown.kind !== 'request') return [];
  const order = shown.body as z.output<typeof operations.createPayment.body>;
  return [{ ...base, order: { ...order, initiator: { kind: 'subject', id: shown.subject } } }];
}
