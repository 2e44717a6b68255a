import type {
  cancellationStatuses,
  CapturedBy,
  Currency,
  ErrorCode,
  movementStatuses,
  Payee,
  PaymentSource,
  paymentStatuses,
  Unrecognized,
} from '@tallystick/contracts';

export type PaymentStatus = (typeof paymentStatuses)[number];

/** The party that ordered a payment: a customer or client over HTTP, or a third party over Kafka. */
export interface Initiator {
  kind: 'subject' | 'producer';
  id: string;
}

/** How a hold ended. */
export type HoldEnd = 'posted' | 'voided' | 'expired';

/** The reason for a refusal, possibly one that only a later release knows. */
export type Reason = ErrorCode | Unrecognized;

/** The last order to cancel a payment. */
export interface Cancellation {
  status: (typeof cancellationStatuses)[number];
  /** The reason why the ledger refused it. */
  code?: Reason | undefined;
}

/** A payment with its progress. */
export interface Payment {
  paymentId: string;
  initiator: Initiator;
  source: PaymentSource;
  payee: Payee;
  amountMinor: bigint;
  currency: Currency;
  capture: 'automatic' | 'manual';
  /** Who captures if the capture is manual. */
  capturedBy: CapturedBy;
  endToEndId: string;
  status: PaymentStatus;
  capturedMinor: bigint;
  refundedMinor: bigint;
  /** Requested from the ledger, without an answer yet. */
  capturingMinor: bigint;
  refundingMinor: bigint;
  /** The hold of the money, once known. */
  holdId: string | undefined;
  debitAccountId: string | undefined;
  /** How the hold ended, once known; answers arrive in any order. */
  holdEnd: HoldEnd | undefined;
  cancellation: Cancellation | undefined;
  code: Reason | undefined;
  /** Whether its end-to-end id may be used again, because it failed. It stays so. */
  endToEndIdFreed: boolean;
  /** Third parties that refunded it for the payee. Like the initiator they hear of it. */
  agentIds: readonly string[];
  /** The id of the business transaction that its messages share. */
  txn: string;
  createdAtMs: number;
  updatedAtMs: number;
}

/** The ordered facts of a payment. */
export type PaymentOrder = Pick<
  Payment,
  | 'paymentId'
  | 'initiator'
  | 'source'
  | 'payee'
  | 'amountMinor'
  | 'currency'
  | 'capture'
  | 'capturedBy'
  | 'endToEndId'
>;

/** Creates an ordered payment before its first command. */
export function newPayment(order: PaymentOrder, txn: string, nowMs: number): Payment {
  return {
    ...order,
    status: 'requested',
    capturedMinor: 0n,
    refundedMinor: 0n,
    capturingMinor: 0n,
    refundingMinor: 0n,
    holdId: undefined,
    debitAccountId: undefined,
    holdEnd: undefined,
    cancellation: undefined,
    code: undefined,
    endToEndIdFreed: false,
    agentIds: [],
    txn,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

/** A movement that a payment requested from the ledger, by the id of its transfer. */
export interface Movement {
  transferId: string;
  paymentId: string;
  kind: 'capture' | 'refund';
  /** The id of the capture or refund in its order. */
  operationId: string;
  amountMinor: bigint;
  status: (typeof movementStatuses)[number];
  /** The reason why the ledger refused it. */
  code?: Reason | undefined;
  requestedAtMs: number;
  /** The idempotency key of the request, if the capture or refund has no id of its own. */
  idempotencyKey?: string | undefined;
}

/** Returns the id of the account or card that pays. */
export function sourceId({ source }: Pick<Payment, 'source'>): string {
  return source.kind === 'account' ? source.accountId : source.cardId;
}

/** Builds the key of a payment by its initiator's own id for this account or card. */
export function endToEndKey(payment: Pick<Payment, 'initiator' | 'source' | 'endToEndId'>): string {
  const { initiator, endToEndId } = payment;
  return [initiator.kind, initiator.id, sourceId(payment), endToEndId].join('\n');
}

/** Returns the third parties that hear of a payment: those that ordered something of it. */
export function hearersOf({ initiator, agentIds }: Pick<Payment, 'initiator' | 'agentIds'>): string[] {
  return initiator.kind === 'producer' ? [initiator.id, ...agentIds] : [...agentIds];
}

/** Notes that a party commands a payment. */
export function noteCommander(payment: Payment, by: Initiator): void {
  if (by.kind === 'producer' && !hearersOf(payment).includes(by.id))
    payment.agentIds = [...payment.agentIds, by.id];
}

/** Returns the amount left to capture, minus captures in progress. */
export function capturable(payment: Payment): bigint {
  return payment.amountMinor - payment.capturedMinor - payment.capturingMinor;
}

/** Returns the refundable amount, minus refunds in progress. */
export function refundable(payment: Payment): bigint {
  return payment.capturedMinor - payment.refundedMinor - payment.refundingMinor;
}
