import {
  captureIdOfOrder,
  messages,
  replayedTopics,
  transferIdOf,
  type DataOf,
  type Evidence,
} from '@tallystick/contracts';
import { readByTable, type Replay, type ReplayTable } from '@tallystick/messaging';
import type { OpenedMessage } from '@tallystick/security';
import { movementIn, orderedIn } from '../app/ordered-in.ts';
import { namesOf, type PaymentStep } from '../app/payment-step.ts';
import { takeSteps } from '../app/take-steps.ts';
import type { PaymentOrder } from '../domain/payment.ts';
import type { MovementFacts } from '../domain/transitions.ts';
import { paymentStore } from '../store/payment-store.ts';

/** The facts in the first command of a payment, under common names. */
interface CommandFacts extends Pick<PaymentOrder, 'paymentId' | 'amountMinor' | 'currency'> {
  sourceId: string;
  payeeAccountId: string;
}

/** The steps in each command of this service: some begin a payment, the others follow its authorization. */
const asked: ReplayTable<'payment', PaymentStep> = {
  'account.hold.place': ({ data, claims }) => {
    const { debitAccountId: sourceId, creditAccountId: payeeAccountId, evidence, ...rest } = data;
    return stepOf({ ...rest, sourceId, payeeAccountId }, evidence, claims);
  },
  'account.transfer.create': ({ data, claims }) => {
    const { debitAccountId: sourceId, creditAccountId: payeeAccountId, refund, evidence, ...rest } = data;
    if (refund) return [askedBefore({ ...data, evidence }, claims)];
    return stepOf({ ...rest, sourceId, payeeAccountId }, evidence, claims);
  },
  'account.hold.post': ({ data, claims }) => [
    authorizedBy(data, claims),
    askedBefore({ ...data, refund: false }, claims),
  ],
  'card.authorize': ({ data, claims }) => {
    const { cardId: sourceId, evidence, ...rest } = data;
    return stepOf({ ...rest, sourceId }, evidence, claims);
  },
};

/**
 * Creates the replay of this service after a restore to an earlier point. It restores the payments that this service
 * began, from the evidence in their first commands, and the captures and refunds that it requested. The commands are on
 * Kafka and are not sent again, because a refused one might be carried out now. Their answers are read again, since the
 * positions were restored too. The orders behind them are also read again: an order that was carried out must find its
 * capture or refund here, or its client would get a refusal.
 */
export function replay(nowMs: () => number): Replay {
  return {
    topics: replayedTopics('payment'),
    // The clocks of replicas differ: a payment begins before it is captured.
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

/** Returns the step that restores a requested movement, under the id of its capture or refund. */
function askedBefore(
  {
    evidence,
    paymentId,
    ...posting
  }: Omit<MovementFacts, 'operationId'> & {
    paymentId: string;
    evidence?: Evidence | undefined;
  },
  { cause }: OpenedMessage['claims'],
): PaymentStep {
  const ordered =
    evidence === undefined
      ? captureIdOfOrder(paymentId)
      : movementIn(posting.refund ? 'refund' : 'capture', paymentId, evidence);
  // A thief of our key may have written another transfer's id.
  const isOfTransfer = ordered !== undefined && transferIdOf(paymentId, ordered) === posting.transferId;
  const operationId = isOfTransfer ? ordered : undefined;
  return { ...posting, operationId, kind: 'asked_before', paymentId, options: { cause } };
}

/** Returns the step that authorizes a payment: only an authorized payment sends commands about its hold. */
function authorizedBy(
  { paymentId, holdId, debitAccountId }: DataOf<typeof messages.holdPost>,
  { cause }: OpenedMessage['claims'],
): PaymentStep {
  return { kind: 'authorized', paymentId, holdId, debitAccountId, options: { cause } };
}

/**
 * Returns the step that began a payment. A thief of our key may have written commands in our name: if a command differs
 * from its evidence, the ledger refused it and it began no payment.
 */
function stepOf(
  asked: CommandFacts,
  evidence: Parameters<typeof orderedIn>[0],
  { txn, cause }: OpenedMessage['claims'],
): PaymentStep[] {
  const found = orderedIn(evidence);
  if (found === undefined || !asks(asked, found)) return [];
  return [
    { kind: 'create', paymentId: asked.paymentId, evidence, txn, options: { cause }, order: found.order },
  ];
}

function asks(asked: CommandFacts, { paymentId, order }: NonNullable<ReturnType<typeof orderedIn>>): boolean {
  const { source, payee, amountMinor, currency } = order;
  return (
    asked.sourceId === (source.kind === 'account' ? source.accountId : source.cardId) &&
    asked.payeeAccountId === payee.accountId &&
    asked.amountMinor === amountMinor &&
    asked.currency === currency &&
    (paymentId === undefined || asked.paymentId === paymentId)
  );
}
