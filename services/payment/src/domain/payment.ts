import type {
  Currency,
  ErrorCode,
  Payee,
  PaymentSource,
  paymentStatuses,
  Unrecognized,
} from '@tallystick/contracts';

export type PaymentStatus = (typeof paymentStatuses)[number];

/** Who asked for a payment: a customer or client over HTTP, or a third party over Kafka. */
export interface Initiator {
  kind: 'subject' | 'producer';
  id: string;
}

/** How a hold ended. */
export type HoldEnd = 'posted' | 'voided' | 'expired';

/** Why something was refused, also by a reason of a later release. */
export type Reason = ErrorCode | Unrecognized;

/** A payment and how far it has come. */
export interface Payment {
  paymentId: string;
  initiator: Initiator;
  source: PaymentSource;
  payee: Payee;
  amountMinor: bigint;
  currency: Currency;
  capture: 'automatic' | 'manual';
  endToEndId: string;
  status: PaymentStatus;
  capturedMinor: bigint;
  refundedMinor: bigint;
  /** Asked of the ledger and not answered yet. */
  capturingMinor: bigint;
  refundingMinor: bigint;
  /** Where the money is held, once that is known. */
  holdId: string | undefined;
  debitAccountId: string | undefined;
  /** How the hold ended, once that is known; answers may come in any order. */
  holdEnd: HoldEnd | undefined;
  code: Reason | undefined;
  /** The business transaction that its messages share. */
  txn: string;
  createdAtMs: number;
  updatedAtMs: number;
}

/** A payment as it is ordered. */
export type PaymentOrder = Pick<
  Payment,
  'paymentId' | 'initiator' | 'source' | 'payee' | 'amountMinor' | 'currency' | 'capture' | 'endToEndId'
>;

/** A payment that has been ordered, and of which nothing has been asked yet. */
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
    code: undefined,
    txn,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

/** One movement that a payment asked of the ledger, by the id of its transfer. */
export interface Movement {
  transferId: string;
  paymentId: string;
  kind: 'capture' | 'refund';
  /** The capture's or refund's own id, as its order named it. */
  operationId: string;
  amountMinor: bigint;
  status: 'requested' | 'posted' | 'rejected';
}

/** The id of the account or card that a payment is paid from. */
export function sourceId({ source }: Pick<Payment, 'source'>): string {
  return source.kind === 'account' ? source.accountId : source.cardId;
}

/** Names a payment by its payer's own id. */
export function endToEndKey(payment: Pick<Payment, 'source' | 'endToEndId'>): string {
  return `${sourceId(payment)}\n${payment.endToEndId}`;
}

/** What is left to capture, less what is on its way. */
export function capturable(payment: Payment): bigint {
  return payment.amountMinor - payment.capturedMinor - payment.capturingMinor;
}

/** What may be given back, less what is on its way. */
export function refundable(payment: Payment): bigint {
  return payment.capturedMinor - payment.refundedMinor - payment.refundingMinor;
}
