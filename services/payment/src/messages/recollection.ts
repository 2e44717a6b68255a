import {
  CodedError,
  messages,
  recalledTopics,
  type DataOf,
  type Evidence,
  type operations,
} from '@tallystick/contracts';
import type { Recollection } from '@tallystick/messaging';
import { verifyEvidence, type EvidenceContext, type OpenedMessage } from '@tallystick/security';
import type * as z from 'zod';
import type { Initiator } from '../domain/payment.ts';
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

/** What the first commands of a payment ask, by whichever names they have for it. */
type Asked = Pick<Order, 'amountMinor' | 'currency'> & {
  paymentId: string;
  evidence: Evidence;
  debitAccountId?: string;
  creditAccountId?: string;
  cardId?: string;
  payeeAccountId?: string;
};
type Order = z.output<typeof operations.createPayment.body> & { paymentId?: string };

/**
 * The order that a command of ours began a payment with, if it did. Whoever had our key may have written commands under
 * our name: those that do not ask just what their evidence orders the ledger refused, and they began nothing.
 */
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
  const asked = data as Asked;
  const { paymentId, evidence } = asked;
  const found = await orderIn(evidence, { ...context, nowMs: claims.iat * 1_000 });
  if (found === undefined || !asks(asked, found.order)) return [];
  const { paymentId: _paymentId, ...order } = found.order;
  const { txn, cause } = claims;
  const { initiator } = found;
  return [{ kind: 'create', paymentId, evidence, txn, options: { cause }, order: { ...order, initiator } }];
}

/** The order that evidence shows, and whose it is; nothing where it shows none, or is not good. */
async function orderIn(
  evidence: Evidence,
  context: EvidenceContext,
): Promise<{ order: Order; initiator: Initiator } | undefined> {
  try {
    const shown = await verifyEvidence(evidence, context);
    if (shown.kind === 'order')
      return {
        order: shown.message.data as Order,
        initiator: { kind: 'producer', id: shown.producerId },
      };
    if (shown.kind === 'request')
      return { order: shown.body as Order, initiator: { kind: 'subject', id: shown.subject } };
    return undefined;
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}

function asks(asked: Asked, { paymentId, source, payeeAccountId, amountMinor, currency }: Order): boolean {
  const isPayer =
    source.kind === 'account' ? asked.debitAccountId === source.accountId : asked.cardId === source.cardId;
  return (
    isPayer &&
    (asked.creditAccountId ?? asked.payeeAccountId) === payeeAccountId &&
    asked.amountMinor === amountMinor &&
    asked.currency === currency &&
    (paymentId === undefined || asked.paymentId === paymentId)
  );
}
