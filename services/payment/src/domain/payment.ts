import type { Currency, ErrorCode, PaymentSource, paymentStatuses } from '@tallystick/contracts';

export type PaymentStatus = (typeof paymentStatuses)[number];

/** Who asked for a payment: a customer or client over HTTP, or an outside producer over Kafka. */
export interface Initiator {
  kind: 'subject' | 'producer';
  id: string;
}

/** A payment and how far it has come. */
export interface Payment {
  paymentId: string;
  initiator: Initiator;
  source: PaymentSource;
  payeeAccountId: string;
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
  holdEnd: 'posted' | 'voided' | 'expired' | undefined;
  code: ErrorCode | undefined;
  /** The business transaction that its messages share. */
  txn: string;
  createdAtMs: number;
  updatedAtMs: number;
}

/** A payment as it is ordered. */
export type PaymentOrder = Pick<
  Payment,
  | 'paymentId'
  | 'initiator'
  | 'source'
  | 'payeeAccountId'
  | 'amountMinor'
  | 'currency'
  | 'capture'
  | 'endToEndId'
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

/** What is left to capture, less what is on its way. */
export function capturable(payment: Payment): bigint {
  return payment.amountMinor - payment.capturedMinor - payment.capturingMinor;
}

/** What may be given back, less what is on its way. */
export function refundable(payment: Payment): bigint {
  return payment.capturedMinor - payment.refundedMinor - payment.refundingMinor;
}
