import type { Decision } from '@tallystick/audit';
import { CodedError, idTimeMs, messages, type ErrorCode } from '@tallystick/contracts';
import type { Send } from '@tallystick/messaging';
import { begin } from '../domain/begin.ts';
import {
  endToEndKey,
  hearersOf,
  newPayment,
  noteCommander,
  type Movement,
  type Payment,
} from '../domain/payment.ts';
import { nobody, requireRole, rolesOf } from '../domain/roles.ts';
import type { Effect, SagaContext } from '../domain/saga-event.ts';
import { advance } from '../domain/saga.ts';
import { restoreMovement } from '../domain/transitions.ts';
import type { PaymentState, PaymentStore } from './payment-store.ts';
import { isRepeated, movementBefore, operationIdsOf, type PaymentStep } from './payment-step.ts';

/** How far the time in a new payment id may lie from now: orders are sent soon after their id is created. */
const ID_AGE_MAX_MS = 86_400_000;
const ID_AHEAD_MAX_MS = 300_000;

/**
 * Takes the steps of many payments in their order: decide in memory, save, audit refused authority, send. Kafka and HTTP share this code.
 * @param state loaded by the store in this transaction for these steps
 * @returns for each step the resulting payment, or the error of a refused order
 */
export function takeSteps(
  store: PaymentStore,
  send: Send,
  { payments, movements, operationIds, endToEndIds, parties }: PaymentState,
  steps: readonly PaymentStep[],
  nowMs: number,
): (Payment | CodedError | undefined)[] {
  const stored = { payments: new Set(payments.values()), movements: new Set(movements.values()) };
  const changed = new Set<Payment>();
  const changedMovements = new Set<Movement>();
  const refusals: Decision[] = [];
  const results = steps.map((step): Payment | CodedError | undefined => {
    const effects: Effect[] = [];
    const newMovements: Movement[] = [];
    const context: SagaContext = { nowMs, effects, newMovements };
    try {
      const known = payments.get(step.paymentId);
      if ('by' in step) {
        if (known === undefined) throw new CodedError('payment.not_found');
        requireRole(`payment.${step.kind}`, rolesOf(known, parties.get(step.paymentId) ?? nobody, step.by));
        requireName(step, movements);
      }
      // An identical order was accepted before: it is in progress or has its outcome.
      if (known !== undefined && isRepeated(step, known, movements)) return { ...known };
      const payment = step.kind === 'create' ? create(step, payments, endToEndIds, nowMs) : known;
      if (payment === undefined) return undefined;
      for (const operationId of operationIdsOf(step)) {
        if (operationIds.has(operationId))
          throw new CodedError('payment.state_conflict', { detail: 'ordered before' });
      }
      take(payment, step, movements, context);
      if ('by' in step) noteCommander(payment, step.by);
      // Only after the step succeeded: a refused order uses up none of its ids.
      if (step.kind === 'create') {
        payments.set(step.paymentId, payment);
        endToEndIds.add(endToEndKey(step.order));
      }
      for (const operationId of operationIdsOf(step)) operationIds.add(operationId);
      changed.add(payment);
      for (const movement of newMovements) {
        if ('unnamedKey' in step) movement.idempotencyKey = step.unnamedKey;
        movements.set(movement.transferId, movement);
        changedMovements.add(movement);
      }
      if ('transferId' in step && movements.has(step.transferId))
        changedMovements.add(movements.get(step.transferId)!);
      const recipients = effects.length === 0 ? [] : hearersOf(payment);
      for (const { definition, data } of effects) {
        send(definition, data, { ...step.options, txn: payment.txn, recipients });
      }
      return { ...payment };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      refusals.push(...refusalOf(step, error.code, nowMs));
      reject(send, step, error);
      return error;
    }
  });
  if (refusals.length > 0) store.audit(refusals);
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

/** Returns the refusal of a command by a party without the role for it, for the audit. */
function refusalOf(step: PaymentStep, code: ErrorCode, atMs: number): Decision[] {
  if (!('by' in step) || (code !== 'payment.not_found' && code !== 'payment.not_permitted')) return [];
  const { by, kind, paymentId, options } = step;
  const { traceContext } = options;
  return [{ atMs, traceContext, actor: by.id, action: `payment.${kind}`, object: paymentId, outcome: code }];
}

/** Rejects a command of a third party with an event; an HTTP client gets the response to its request instead. */
function reject(
  send: Send,
  step: PaymentStep,
  { code, detail }: { code: ErrorCode; detail?: string | undefined },
): void {
  const { paymentId, options } = step;
  if (!('commandJti' in step) || step.commandJti === undefined) return;
  const { commandJti } = step;
  const command = `payment.${step.kind}`;
  const recipients = [('by' in step ? step.by : step.order.initiator).id];
  send(
    messages.paymentCommandRejected,
    { paymentId, command, commandJti, code, detail },
    { ...options, recipients },
  );
}

function create(
  { order, paymentId, txn, commandJti }: PaymentStep & { kind: 'create' },
  payments: ReadonlyMap<string, Payment>,
  endToEndIds: ReadonlySet<string>,
  nowMs: number,
): Payment {
  if (endToEndIds.has(endToEndKey(order))) throw new CodedError('payment.end_to_end_id_reused');
  if (payments.has(paymentId)) throw new CodedError('payment.id_reused');
  if (commandJti !== undefined) requireIdOfNow(paymentId, nowMs);
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
      return advance(payment, { ...step.order, kind: 'capture_ordered', evidence: step.evidence }, context);
    case 'cancel':
      return advance(payment, { kind: 'cancel_ordered', evidence: step.evidence }, context);
    case 'refund':
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

/** Refuses an id whose time is far from now, because ids are ordered by their time. */
function requireIdOfNow(paymentId: string, nowMs: number): void {
  const aheadMs = idTimeMs(paymentId) - nowMs;
  if (aheadMs > ID_AHEAD_MAX_MS || aheadMs < -ID_AGE_MAX_MS) throw new CodedError('payment.id_out_of_time');
}

/**
 * Refuses a capture or refund without a name that equals an earlier one of another request. To the ledger they are the
 * same, so a second one must have a name.
 */
function requireName(step: PaymentStep, movements: ReadonlyMap<string, Movement>): void {
  if ((step.kind !== 'capture' && step.kind !== 'refund') || step.unnamedKey === undefined) return;
  const before = movementBefore(step, movements)?.idempotencyKey;
  if (before === undefined || before === step.unnamedKey) return;
  const field = step.kind === 'capture' ? 'captureId' : 'refundId';
  throw new CodedError('payment.state_conflict', {
    detail: `an equal one was ordered; name this one with ${field}`,
  });
}
