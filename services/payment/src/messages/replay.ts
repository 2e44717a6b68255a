import { replayedTopics } from '@tallystick/contracts';
import { readByTable, type Recollection, type ReplayTable } from '@tallystick/messaging';
import type { OpenedMessage } from '@tallystick/security';
import { orderedIn } from '../app/ordered-in.ts';
import { namesOf, takeSteps, type PaymentStep } from '../app/take-steps.ts';
import type { PaymentOrder } from '../domain/payment.ts';
import { paymentStore } from '../store/payment-store.ts';

/** What the first command of a payment asks, under one name each. */
interface Begun extends Pick<PaymentOrder, 'paymentId' | 'amountMinor' | 'currency'> {
  sourceId: string;
  payeeAccountId: string;
}

/** The commands with which this service begins a payment. */
const begun: ReplayTable<'payment', PaymentStep> = {
  'account.hold.place': ({ data, claims }) => {
    const { debitAccountId: sourceId, creditAccountId: payeeAccountId, evidence, ...rest } = data;
    return stepOf({ ...rest, sourceId, payeeAccountId }, evidence, claims);
  },
  'account.transfer.create': ({ data, claims }) => {
    const { debitAccountId: sourceId, creditAccountId: payeeAccountId, refund, evidence, ...rest } = data;
    return refund ? [] : stepOf({ ...rest, sourceId, payeeAccountId }, evidence, claims);
  },
  'card.authorize': ({ data, claims }) => {
    const { cardId: sourceId, evidence, ...rest } = data;
    return stepOf({ ...rest, sourceId }, evidence, claims);
  },
};

/**
 * What this service replays after its database was restored to an earlier point: the payments that it began, by the
 * evidence that their first commands carry. Those commands are on Kafka and are not sent again: one that was refused might
 * be carried out now. Their answers are read again, since the positions were restored too; captures and refunds come with
 * them.
 */
export function replay(nowMs: () => number): Recollection {
  return {
    topics: replayedTopics('payment'),
    async recall(own, tx) {
      const store = paymentStore(tx);
      const steps = await readByTable(begun, own);
      takeSteps(store, () => {}, await store.load(namesOf(steps)), steps, nowMs());
    },
  };
}

/**
 * The step that began a payment. Whoever had our key may have written commands under our name: those that do not ask just
 * what their evidence orders the ledger refused, and they began nothing.
 */
function stepOf(
  asked: Begun,
  evidence: Parameters<typeof orderedIn>[0],
  { txn, cause }: OpenedMessage['claims'],
): PaymentStep[] {
  const found = orderedIn(evidence);
  if (found === undefined || !asks(asked, found)) return [];
  return [
    { kind: 'create', paymentId: asked.paymentId, evidence, txn, options: { cause }, order: found.order },
  ];
}

function asks(asked: Begun, { paymentId, order }: NonNullable<ReturnType<typeof orderedIn>>): boolean {
  const { source, payee, amountMinor, currency } = order;
  return (
    asked.sourceId === (source.kind === 'account' ? source.accountId : source.cardId) &&
    asked.payeeAccountId === payee.accountId &&
    asked.amountMinor === amountMinor &&
    asked.currency === currency &&
    (paymentId === undefined || asked.paymentId === paymentId)
  );
}
