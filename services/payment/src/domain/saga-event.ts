import type { DataOf, Evidence, MessageDefinition } from '@tallystick/contracts';
import type { HoldEnd, Movement, Payment, Reason } from './payment.ts';

/** An event of an ordered payment. */
export type SagaEvent =
  /** Without evidence: the order of the payment itself asks for the capture. */
  | {
      kind: 'capture_ordered';
      captureId: string;
      amountMinor: bigint;
      final: boolean;
      evidence?: Evidence | undefined;
    }
  | { kind: 'cancel_ordered'; evidence: Evidence }
  | { kind: 'refund_ordered'; refundId: string; amountMinor: bigint; evidence: Evidence }
  | { kind: 'authorized'; holdId: string; debitAccountId: string }
  | { kind: 'declined'; code: Reason }
  | { kind: 'movement_posted'; movement: Movement }
  | { kind: 'movement_rejected'; movement: Movement; code: Reason }
  | { kind: 'void_rejected'; code: Reason }
  | { kind: 'hold_ended'; how: HoldEnd };

export type SagaEventKind = SagaEvent['kind'];
export type EventOf<Kind extends SagaEventKind> = Extract<SagaEvent, { kind: Kind }>;

/** A message that a transition emits. */
export interface Effect {
  definition: MessageDefinition;
  data: unknown;
}

/** The context of a transition: time, and lists for its output. */
export interface SagaContext {
  nowMs: number;
  effects: Effect[];
  newMovements: Movement[];
}

/** Changes a payment and emits messages. A refused order throws and changes nothing. */
export type Transition = (payment: Payment, event: SagaEvent, context: SagaContext) => void;

/** Emits a message. */
export function emit<Definition extends MessageDefinition>(
  { effects }: SagaContext,
  definition: Definition,
  data: DataOf<Definition>,
): void {
  effects.push({ definition, data });
}
