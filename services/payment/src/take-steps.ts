import { CodedError, idFrom, messages, type ErrorCode, type Evidence } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import {
  newPayment,
  type Initiator,
  type Movement,
  type Payment,
  type PaymentOrder,
} from './domain/payment.ts';
import * as saga from './domain/saga.ts';
import { findMovements, findOperationIds, insertMovements, updateMovements } from './store/movements.ts';
import {
  endToEndKey,
  findEndToEndIds,
  insertPayments,
  lockPayments,
  updatePayments,
} from './store/payments.ts';

/** What happens to a payment: an order, or the answer of the ledger or the card service to one. */
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
  | { kind: 'failed'; code: ErrorCode }
  | ({ kind: 'posted'; transferId: string } & saga.Posting)
  | { kind: 'rejected'; transferId: string; code: ErrorCode }
  | { kind: 'void_rejected'; code: ErrorCode }
  | { kind: 'hold_ended'; how: 'posted' | 'voided' | 'expired' }
);

/** Longest that a command to another service may wait there, in seconds. */
const COMMAND_LIFETIME_S = 3_600;

/** All that steps may touch. */
export interface PaymentState {
  payments: Map<string, Payment>;
  movements: Map<string, Movement>;
  /** Ids of captures and refunds that were ordered. */
  operationIds: Set<string>;
  /** By `endToEndKey`. */
  endToEndIds: Set<string>;
}

/** Loads all that these steps may touch, and locks the payments. */
export async function loadState(tx: Transaction, steps: readonly PaymentStep[]): Promise<PaymentState> {
  const [payments, movements, operationIds, endToEndIds] = await Promise.all([
    lockPayments(tx, [...new Set(steps.map(({ paymentId }) => paymentId))]),
    findMovements(tx, steps.flatMap(transferIdOf)),
    findOperationIds(tx, steps.flatMap(operationIdOf)),
    findEndToEndIds(
      tx,
      steps.flatMap((step) => (step.kind === 'create' ? [step.order] : [])),
    ),
  ]);
  return { payments, movements, operationIds, endToEndIds };
}

/**
 * Takes steps of many payments, in their order: decide in memory, save, send. Kafka and HTTP both come through here.
 * @param state what `loadState` loaded in this transaction for these steps
 * @returns for each step the payment as it stands then, or the error of an order that was refused
 */
export function takeSteps(
  tx: Transaction,
  send: Send,
  { payments, movements, operationIds, endToEndIds }: PaymentState,
  steps: readonly PaymentStep[],
  nowMs: number,
): (Payment | CodedError | undefined)[] {
  const stored = { payments: new Set(payments.values()), movements: new Set(movements.values()) };
  const changed = new Set<Payment>();
  const changedMovements = new Set<Movement>();
  const results = steps.map((step): Payment | CodedError | undefined => {
    const effects: saga.Effect[] = [];
    const newMovements: Movement[] = [];
    const at: saga.Step = { nowMs, idFrom, effects, newMovements };
    try {
      const known = payments.get(step.paymentId);
      // Ordered before, in the same words: it goes its way, or has its outcome.
      if (known !== undefined && isRepeated(step, known, movements)) return { ...known };
      const payment = step.kind === 'create' ? create(step, payments, endToEndIds, nowMs) : known;
      if (payment === undefined) {
        if ('by' in step) throw new CodedError('payment.not_found');
        return undefined;
      }
      for (const operationId of operationIdOf(step)) {
        if (operationIds.has(operationId))
          throw new CodedError('payment.state_conflict', { detail: 'ordered before' });
      }
      advance(payment, step, movements, at);
      // Only now: an order that was refused has used up none of its ids.
      if (step.kind === 'create') {
        payments.set(step.paymentId, payment);
        endToEndIds.add(endToEndKey(step.order));
      }
      for (const operationId of operationIdOf(step)) operationIds.add(operationId);
      changed.add(payment);
      for (const movement of newMovements) {
        movements.set(movement.transferId, movement);
        changedMovements.add(movement);
      }
      if ('transferId' in step && movements.has(step.transferId))
        changedMovements.add(movements.get(step.transferId)!);
      for (const { definition, data } of effects) {
        send(definition, data, {
          ...step.options,
          txn: payment.txn,
          ...(definition.kind === 'command' ? { lifetimeS: COMMAND_LIFETIME_S } : {}),
        });
      }
      return { ...payment };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      reject(send, step, error);
      return error;
    }
  });
  const written = Object.groupBy(changed, (payment) => (stored.payments.has(payment) ? 'changed' : 'new'));
  insertPayments(tx, written.new ?? []);
  updatePayments(tx, written.changed ?? []);
  const moved = Object.groupBy(changedMovements, (one) => (stored.movements.has(one) ? 'changed' : 'new'));
  insertMovements(tx, moved.new ?? []);
  updateMovements(tx, moved.changed ?? []);
  return results;
}

/**
 * Says of payments that were ordered too late that nothing came of them, unless an earlier copy was taken: that one has its
 * outcome, or will have. Of captures, refunds and cancels it says nothing: a database that was set back may know the payment
 * and not what was done to it, and whoever orders it anew, under another id, would have it done twice.
 * @param state what `loadState` loaded in this transaction for these steps
 */
export function rejectLate(
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

/** Answers a command of an outside producer; a client hears by the answer to its request. */
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

function advance(
  payment: Payment,
  step: PaymentStep,
  movements: ReadonlyMap<string, Movement>,
  at: saga.Step,
): void {
  switch (step.kind) {
    case 'create':
      if (step.order.source.kind === 'card' && step.evidence.kind !== 'request')
        throw new CodedError('evidence.kind_refused');
      return saga.begin(payment, step.evidence, at);
    case 'capture':
      mayCommand(payment, step.by);
      return saga.capture(payment, step.order, at);
    case 'cancel':
      mayCommand(payment, step.by);
      return saga.cancel(payment, at);
    case 'refund':
      // Whose money it is to give back, the ledger checks.
      return saga.refund(payment, step.order, step.evidence, at);
    case 'authorized':
      return saga.authorized(payment, step, at);
    case 'failed':
      return saga.failed(payment, step.code, at);
    case 'void_rejected':
      return saga.voidRejected(payment, step.code, at);
    case 'hold_ended':
      return saga.holdEnded(payment, step.how, at);
    case 'posted':
    case 'rejected': {
      const movement = movements.get(step.transferId);
      if (step.kind === 'posted') saga.posted(payment, movement ?? saga.recalled(payment, step, at), at);
      else if (movement !== undefined) saga.rejected(payment, movement, step.code, at);
    }
  }
}

/** An outside producer commands its own payments only; a customer's right was checked where the request came in. */
function mayCommand({ initiator }: Payment, by: Initiator): void {
  if (by.kind === 'producer' && (initiator.kind !== 'producer' || initiator.id !== by.id))
    throw new CodedError('payment.not_found');
}

/** Whether a step orders what was ordered already, under the same ids and in the same words. */
function isRepeated(step: PaymentStep, payment: Payment, movements: ReadonlyMap<string, Movement>): boolean {
  if (step.kind === 'create') {
    const { order } = step;
    return (
      order.initiator.kind === payment.initiator.kind &&
      order.initiator.id === payment.initiator.id &&
      endToEndKey(order) === endToEndKey(payment) &&
      order.payeeAccountId === payment.payeeAccountId &&
      order.amountMinor === payment.amountMinor &&
      order.currency === payment.currency &&
      order.capture === payment.capture
    );
  }
  if (step.kind !== 'capture' && step.kind !== 'refund') return false;
  const [transferId] = transferIdOf(step);
  const movement = movements.get(transferId!);
  return movement?.kind === step.kind && movement.amountMinor === step.order.amountMinor;
}

function transferIdOf(step: PaymentStep): string[] {
  if ('transferId' in step) return [step.transferId];
  return operationIdOf(step).map((operationId) => saga.transferIdOf(step.paymentId, operationId, idFrom));
}

function operationIdOf(step: PaymentStep): string[] {
  if (step.kind === 'capture') return [step.order.captureId];
  if (step.kind === 'refund') return [step.order.refundId];
  return [];
}
