import type { DataOf, messages, PaymentSource } from '@tallystick/contracts';

/** What a payment of the load is: who pays whom how much, and by which door. */
export interface Order {
  via: 'kafka' | 'http';
  source: PaymentSource;
  payeeAccountId: string;
  amountMinor: bigint;
  capture: 'automatic' | 'manual';
  /** Unique in all. */
  endToEndId: string;
}

/** An order with when it was due and how it went. Times are of `performance.now()`. */
export interface PlacedOrder extends Order {
  dueAtMs: number;
  phase: PhaseTally;
  /** Chosen by the producer, or learnt from the answer over HTTP. */
  paymentId: string | undefined;
  status: 'placed' | 'authorized' | 'captured' | 'failed' | 'refused';
  /** Sends the second phase, where there is one. */
  captureIt: (() => void) | undefined;
}

/** What one stretch of load at one rate has come to. */
export interface PhaseTally {
  finished(latencyMs: number, dueAtMs: number): void;
  failed(code: string): void;
}

export type CreateData = DataOf<typeof messages.paymentCreate>;
export type CaptureData = DataOf<typeof messages.paymentCapture>;
