import { CodedError, idFrom, messages, type ErrorCode, type Evidence } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import { begin, transferIdOf } from '../domain/begin.ts';
import {
  endToEndKey,
  newPayment,
  type HoldEnd,
  type Initiator,
  type Movement,
  type Payment,
  type PaymentOrder,
  type Reason,
} from '../domain/payment.ts';
import type { Effect, SagaContext } from '../domain/saga-event.ts';
import { advance } from '../domain/saga.ts';
import { restoreMovement, type MovementFacts } from '../domain/transitions.ts';
import type { PaymentState, PaymentStore } from './payment-store.ts';

/** A step of a payment: an order, or the answer of the ledger or the card service to one. */
export type PaymentStep = { paymentId: string; options: SendOptions } & (
  | {
      kind: 'create';
      order: Omit<PaymentOrder, 'paymentId'>;
      evidence: Evidence;
      txn: string;
      commandJti?: string | undefined;
    }
  | {
      kind: 'capture';
      order: { captureId: string; amountMinor: bigint; final: boolean };
      by: Initiator;
      commandJti?: string | undefined;
    }
  | { kind: 'cancel'; by: Initiator; commandJti?: string | undefined }
  | {
      kind: 'refund';
      order: { refundId: string; amountMinor: bigint };
      evidence: Evidence;
      by: Initiator;
      commandJti?: string | undefined;
    }
  | { kind: 'authorized'; holdId: string; debitAccountId: string }
  | { kind: 'declined'; code: Reason }
  | ({ kind: 'posted'; transferId: string } & MovementFacts)
  /** Only after a restore: this service requested the movement from the ledger before. */
  | ({ kind: 'asked_before'; transferId: string } & MovementFacts)
  | { kind: 'rejected'; transferId: string; code: Reason }
  | { kind: 'void_rejected'; code: Reason }
  | { kind: 'hold_ended'; how: HoldEnd }
);

/** The names in the steps of a batch, for the store to load and lock. */
export interface PaymentNames {
  paymentIds: string[];
  transferIds: string[];
  /** Ids of the ordered captures and refunds. */
  operationIds: string[];
  orders: Pick<PaymentOrder, 'source' | 'endToEndId'>[];
}

export function namesOf(steps: readonly PaymentStep[]): PaymentNames {
  return {
    paymentIds: [...new Set(steps.map(({ paymentId }) => paymentId))],
    transferIds: steps.flatMap(transferIdsOf),
    operationIds: steps.flatMap(operationIdsOf),
    orders: steps.flatMap((step) => (step.kind === 'create' ? [step.order] : [])),
  };
}

/**
 * Takes the steps of many payments in their order: decide in memory, save, send. Kafka and HTTP share this code.
 * @param state loaded by the store in this transaction for these steps
 * @returns for each step the resulting payment, or the error of a refused order
 */
export function takeSteps(
  store: PaymentStore,
  send: Send,
  { payments, movements, operationIds, endToEndIds }: PaymentState,
  steps: readonly PaymentStep[],
  nowMs: number,
): (Payment | CodedError | undefined)[] {
  const stored = { payments: new Set(payments.values()), movements: new Set(movements.values()) };
  const changed = new Set<Payment>();
  const changedMovements = new Set<Movement>();
  const results = steps.map((step): Payment | CodedError | undefined => {
    const effects: Effect[] = [];
    const newMovements: Movement[] = [];
    const context: SagaContext = { nowMs, idFrom, effects, newMovements };
    try {
      const known = payments.get(step.paymentId);
      // An identical order was accepted before: it is in progress or has its outcome.
      if (known !== undefined && isRepeated(step, known, movements)) return { ...known };
      const payment = step.kind === 'create' ? create(step, payments, endToEndIds, nowMs) : known;
      if (payment === undefined) {
        if ('by' in step) throw new CodedError('payment.not_found');
        return undefined;
      }
      for (const operationId of operationIdsOf(step)) {
        if (operationIds.has(operationId))
          throw new CodedError('payment.state_conflict', { detail: 'ordered before' });
      }
      take(payment, step, movements, context);
      // Only after the step succeeded: a refused order uses up none of its ids.
      if (step.kind === 'create') {
        payments.set(step.paymentId, payment);
        endToEndIds.add(endToEndKey(step.order));
      }
      for (const operationId of operationIdsOf(step)) operationIds.add(operationId);
      changed.add(payment);
      for (const movement of newMovements) {
        movements.set(movement.transferId, movement);
        changedMovements.add(movement);
      }
      if ('transferId' in step && movements.has(step.transferId))
        changedMovements.add(movements.get(step.transferId)!);
      for (const { definition, data } of effects) {
        send(definition, data, { ...step.options, txn: payment.txn });
      }
      return { ...payment };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      reject(send, step, error);
      return error;
    }
  });
  const written = Object.groupBy(changed, (payment) => (stored.payments.has(payment) ? 'changed' : 'new'));
  const moved = Object.groupBy(changedMovements, (one) => (stored.movements.has(one) ? 'changed' : 'new'));
  store.save({
    newPayments: written.new ?? [],
    changedPayments: written.changed ?? [],
    newMovements: moved.new ?? [],
    changedMovements: moved.changed ?? [],
  });
  return results;
}

/**
 * Rejects expired payment orders, unless an earlier copy was accepted; that payment has or will get its outcome. It
 * does not reject captures, refunds and cancels: a restored database may contain the payment but not its capture, and a
 * client that repeats a rejected capture under another id would collect twice.
 * @param state loaded by the store in this transaction for these steps
 */
export function rejectExpired(
  send: Send,
  { payments, movements }: PaymentState,
  steps: readonly PaymentStep[],
): void {
  for (const step of steps) {
    if (step.kind !== 'create') continue;
    const known = payments.get(step.paymentId);
    if (known === undefined || !isRepeated(step, known, movements))
      reject(send, step, { code: 'envelope.expired' });
  }
}

/** Rejects a command of a third party with an event; an HTTP client gets the response to its request instead. */
function reject(
  send: Send,
  step: PaymentStep,
  { code, detail }: { code: ErrorCode; detail?: string | undefined },
): void {
  const { paymentId, options } = step;
  const commandJti = 'commandJti' in step ? step.commandJti : undefined;
  if (commandJti === undefined) return;
  const command = `payment.${step.kind}`;
  send(messages.paymentCommandRejected, { paymentId, command, commandJti, code, detail }, options);
}

function create(
  { order, paymentId, txn }: PaymentStep & { kind: 'create' },
  payments: ReadonlyMap<string, Payment>,
  endToEndIds: ReadonlySet<string>,
  nowMs: number,
): Payment {
  if (payments.has(paymentId)) throw new CodedError('payment.id_reused');
  if (endToEndIds.has(endToEndKey(order))) throw new CodedError('payment.end_to_end_id_reused');
  return newPayment({ ...order, paymentId }, txn, nowMs);
}

function take(
  payment: Payment,
  step: PaymentStep,
  movements: ReadonlyMap<string, Movement>,
  context: SagaContext,
): void {
  switch (step.kind) {
    case 'create':
      if (step.order.source.kind === 'card' && step.evidence.kind !== 'request')
        throw new CodedError('evidence.kind_refused');
      return begin(payment, step.evidence, context);
    case 'capture':
      mayCommand(payment, step.by);
      return advance(payment, { ...step.order, kind: 'capture_ordered' }, context);
    case 'cancel':
      mayCommand(payment, step.by);
      return advance(payment, { kind: 'cancel_ordered' }, context);
    case 'refund':
      // The ledger checks whose money the refund returns.
      return advance(payment, { ...step.order, kind: 'refund_ordered', evidence: step.evidence }, context);
    case 'authorized':
    case 'declined':
    case 'void_rejected':
    case 'hold_ended':
      return advance(payment, step, context);
    case 'posted': {
      const movement = movements.get(step.transferId) ?? restoreMovement(payment, step, context);
      return advance(payment, { kind: 'movement_posted', movement }, context);
    }
    case 'asked_before':
      if (!movements.has(step.transferId)) restoreMovement(payment, step, context);
      return;
    case 'rejected': {
      const movement = movements.get(step.transferId);
      if (movement !== undefined)
        advance(payment, { kind: 'movement_rejected', movement, code: step.code }, context);
    }
  }
}

/** Allows a third party to command only its own payments; the HTTP route has already checked a customer's right. */
function mayCommand({ initiator }: Payment, by: Initiator): void {
  if (by.kind === 'producer' && (initiator.kind !== 'producer' || initiator.id !== by.id))
    throw new CodedError('payment.not_found');
}

/** Returns whether a step repeats an accepted order with the same ids and values. */
function isRepeated(step: PaymentStep, payment: Payment, movements: ReadonlyMap<string, Movement>): boolean {
  if (step.kind === 'create') {
    const { order } = step;
    return (
      order.initiator.kind === payment.initiator.kind &&
      order.initiator.id === payment.initiator.id &&
      endToEndKey(order) === endToEndKey(payment) &&
      order.payee.kind === payment.payee.kind &&
      order.payee.accountId === payment.payee.accountId &&
      order.amountMinor === payment.amountMinor &&
      order.currency === payment.currency &&
      order.capture === payment.capture
    );
  }
  if (step.kind !== 'capture' && step.kind !== 'refund') return false;
  const [transferId] = transferIdsOf(step);
  const movement = movements.get(transferId!);
  return movement?.kind === step.kind && movement.amountMinor === step.order.amountMinor;
}

function transferIdsOf(step: PaymentStep): string[] {
  if ('transferId' in step) return [step.transferId];
  return operationIdsOf(step).map((operationId) => transferIdOf(step.paymentId, operationId, idFrom));
}

function operationIdsOf(step: PaymentStep): string[] {
  if (step.kind === 'capture') return [step.order.captureId];
  if (step.kind === 'refund') return [step.order.refundId];
  return [];
}
