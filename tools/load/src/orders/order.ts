import type { DataOf, messages, PaymentSource } from '@tallystick/contracts';

/** A payment of the load: payer, payee, amount and interface. */
export interface Order {
  via: 'kafka' | 'http';
  source: PaymentSource;
  payeeAccountId: string;
  amountMinor: bigint;
  capture: 'automatic' | 'manual';
  /** Globally unique. */
  endToEndId: string;
}

/** An order with its due time and its progress. Times are of `performance.now()`. */
export interface PlacedOrder extends Order {
  dueAtMs: number;
  phase: PhaseTally;
  /** Chosen by the producer, or read from the HTTP response. */
  paymentId: string | undefined;
  status: 'placed' | 'authorized' | 'captured' | 'failed' | 'refused';
  /** Sends the second phase, if there is one. */
  captureIt: (() => void) | undefined;
}

/** The result of one phase at one rate. */
export interface PhaseTally {
  finished(latencyMs: number, dueAtMs: number): void;
  failed(code: string): void;
}

export type CreateData = DataOf<typeof messages.paymentCreate>;
export type CaptureData = DataOf<typeof messages.paymentCapture>;
