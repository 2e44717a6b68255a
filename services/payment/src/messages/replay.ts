import { messages, replayedTopics, type DataOf } from '@tallystick/contracts';
import { readByTable, type Replay, type ReplayTable } from '@tallystick/messaging';
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

/** What each command of this service tells: some begin a payment, the others follow its authorization. */
const asked: ReplayTable<'payment', PaymentStep> = {
  'account.hold.place': ({ data, claims }) => {
    const { debitAccountId: sourceId, creditAccountId: payeeAccountId, evidence, ...rest } = data;
    return stepOf({ ...rest, sourceId, payeeAccountId }, evidence, claims);
  },
  'account.transfer.create': ({ data, claims }) => {
    const { debitAccountId: sourceId, creditAccountId: payeeAccountId, refund, evidence, ...rest } = data;
    if (refund) return [{ ...data, kind: 'asked_before', options: { cause: claims.cause } }];
    return stepOf({ ...rest, sourceId, payeeAccountId }, evidence, claims);
  },
  'account.hold.post': ({ data, claims }) => [
    authorizedBy(data, claims),
    { ...data, kind: 'asked_before', refund: false, options: { cause: claims.cause } },
  ],
  'card.authorize': ({ data, claims }) => {
    const { cardId: sourceId, evidence, ...rest } = data;
    return stepOf({ ...rest, sourceId }, evidence, claims);
  },
};

/**
 * What this service replays after its database was restored to an earlier point: the payments that it began, by the
 * evidence that their first commands carry, and the captures and refunds that it asked for. The commands are on Kafka and
 * are not sent again: one that was refused might be carried out now. Their answers are read again, since the positions were
 * restored too, and so are the orders behind them: an order that was carried out must find its capture or refund here, or
 * its client would be told that it was refused.
 */
export function replay(nowMs: () => number): Replay {
  return {
    topics: replayedTopics('payment'),
    // Replicas differ in their clocks: a payment begins before it is captured.
    rank: (message) => (beginsPayment(message) ? 0 : 1),
    async apply(own, tx) {
      const store = paymentStore(tx);
      const steps = await readByTable(asked, own);
      takeSteps(store, () => {}, await store.load(namesOf(steps)), steps, nowMs());
    },
  };
}

function beginsPayment({ definition, data }: OpenedMessage): boolean {
  if (definition === messages.transferCreate) return !(data as DataOf<typeof messages.transferCreate>).refund;
  return definition === messages.holdPlace || definition === messages.cardAuthorize;
}

/** Whatever is asked of a hold, is asked once the payment is authorized. */
function authorizedBy(
  { paymentId, holdId, debitAccountId }: DataOf<typeof messages.holdPost>,
  { cause }: OpenedMessage['claims'],
): PaymentStep {
  return { kind: 'authorized', paymentId, holdId, debitAccountId, options: { cause } };
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
