import { transferIdOf, type Evidence } from '@tallystick/contracts';
import type { SendOptions } from '@tallystick/messaging';
import {
  endToEndKey,
  type HoldEnd,
  type Initiator,
  type Movement,
  type Payment,
  type PaymentOrder,
  type Reason,
} from '../domain/payment.ts';
import type { MovementFacts } from '../domain/transitions.ts';

/** A command of a party on a payment, with its evidence for the ledger. */
interface Commanded {
  by: Initiator;
  evidence: Evidence;
  commandJti?: string | undefined;
}

/** A step of a payment: an order, or the answer of the ledger or the card service to one. */
export type PaymentStep = { paymentId: string; options: SendOptions } & (
  | {
      kind: 'create';
      order: Omit<PaymentOrder, 'paymentId'>;
      evidence: Evidence;
      txn: string;
      commandJti?: string | undefined;
    }
  | ({
      kind: 'capture';
      order: { captureId: string; amountMinor: bigint; final: boolean };
      unnamedKey?: string | undefined;
    } & Commanded)
  | ({ kind: 'cancel' } & Commanded)
  | ({
      kind: 'refund';
      order: { refundId: string; amountMinor: bigint };
      /** The idempotency key of a request that does not name its capture or refund. */
      unnamedKey?: string | undefined;
    } & Commanded)
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
  /** Payments that a party commands: their parties are needed. */
  commandedIds: string[];
  transferIds: string[];
  /** Ids of the ordered captures and refunds. */
  operationIds: string[];
  orders: Pick<PaymentOrder, 'initiator' | 'source' | 'endToEndId'>[];
}

export function namesOf(steps: readonly PaymentStep[]): PaymentNames {
  return {
    paymentIds: [...new Set(steps.map(({ paymentId }) => paymentId))],
    commandedIds: [...new Set(steps.flatMap((step) => ('by' in step ? [step.paymentId] : [])))],
    transferIds: steps.flatMap(transferIdsOf),
    operationIds: steps.flatMap(operationIdsOf),
    orders: steps.flatMap((step) => (step.kind === 'create' ? [step.order] : [])),
  };
}

/** Returns the transfer ids that a step names or leads to. */
export function transferIdsOf(step: PaymentStep): string[] {
  if ('transferId' in step) return [step.transferId];
  return operationIdsOf(step).map((operationId) => transferIdOf(step.paymentId, operationId));
}

/** Returns the ids of captures and refunds that a step orders. */
export function operationIdsOf(step: PaymentStep): string[] {
  if (step.kind === 'capture') return [step.order.captureId];
  if (step.kind === 'refund') return [step.order.refundId];
  return [];
}

/** Returns the movement that an accepted order with the same ids and values led to. */
export function movementBefore(
  step: PaymentStep & { kind: 'capture' | 'refund' },
  movements: ReadonlyMap<string, Movement>,
): Movement | undefined {
  const [transferId] = transferIdsOf(step);
  const movement = movements.get(transferId!);
  return movement?.kind === step.kind && movement.amountMinor === step.order.amountMinor
    ? movement
    : undefined;
}

/** Returns whether a step repeats an accepted order with the same ids and values. */
export function isRepeated(
  step: PaymentStep,
  payment: Payment,
  movements: ReadonlyMap<string, Movement>,
): boolean {
  if (step.kind === 'create') {
    const { order } = step;
    return (
      endToEndKey(order) === endToEndKey(payment) &&
      order.payee.kind === payment.payee.kind &&
      order.payee.accountId === payment.payee.accountId &&
      order.amountMinor === payment.amountMinor &&
      order.currency === payment.currency &&
      order.capture === payment.capture &&
      order.capturedBy === payment.capturedBy
    );
  }
  if (step.kind !== 'capture' && step.kind !== 'refund') return false;
  return movementBefore(step, movements) !== undefined;
}
