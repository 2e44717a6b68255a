import {
  messages,
  operations,
  recalledTopics,
  services,
  type DataOf,
  type Evidence,
} from '@tallystick/contracts';
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

/** What the first commands of a payment ask, by whichever names they have for it. */
type Asked = Pick<Order, 'amountMinor' | 'currency'> & {
  paymentId: string;
  evidence: Evidence;
  debitAccountId?: string;
  creditAccountId?: string;
  cardId?: string;
  payeeAccountId?: string;
};
type Order = (PaymentStep & { kind: 'create' })['order'];

/**
 * The order that a command of ours began a payment with, if it did. Whoever had our key may have written commands under
 * our name: those that do not ask just what their evidence orders the ledger refused, and they began nothing.
 */
function beginningOf({ definition, data, claims }: OpenedMessage): PaymentStep[] {
  const isBeginning =
    (definition as object) === messages.holdPlace ||
    (definition as object) === messages.cardAuthorize ||
    ((definition as object) === messages.transferCreate &&
      !(data as DataOf<typeof messages.transferCreate>).refund);
  if (!isBeginning) return [];
  const asked = data as Asked;
  const { paymentId, evidence } = asked;
  const found = orderIn(evidence);
  if (found === undefined || !asks(asked, found)) return [];
  const { txn, cause } = claims;
  return [{ kind: 'create', paymentId, evidence, txn, options: { cause }, order: found.order }];
}

function asks(asked: Asked, { paymentId, order }: Found): boolean {
  const { source, payeeAccountId, amountMinor, currency } = order;
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

interface Found {
  order: Order;
  /** as a producer's order names it; a customer's request does not */
  paymentId?: string;
}

/**
 * What a piece of evidence orders. That it was checked then is what our signature on the command says: today its key may
 * be revoked, or replaced, and the payment is there all the same.
 * @returns `undefined` where it orders no payment
 */
function orderIn(evidence: Evidence): Found | undefined {
  if (evidence.kind === 'order') {
    const { iss, data } = claimed(Buffer.from(evidence.envelope));
    const created = messages.paymentCreate.data.safeParse(data);
    // A service orders nothing.
    if (!created.success || typeof iss !== 'string' || isService(iss)) return undefined;
    const { paymentId, ...order } = created.data;
    return { paymentId, order: { ...order, initiator: { kind: 'producer', id: iss } } };
  }
  if (evidence.kind !== 'request') return undefined;
  const { sub } = claimed(Buffer.from(evidence.accessToken));
  const order = operations.createPayment.body.safeParse(parseJson(evidence.body));
  if (!order.success || typeof sub !== 'string') return undefined;
  return { order: { ...order.data, initiator: { kind: 'subject', id: sub } } };
}

function isService(producerId: string): boolean {
  return (services as readonly string[]).includes(producerId);
}
