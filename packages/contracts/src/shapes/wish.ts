import { hash } from 'node:crypto';
import { idAt, idFrom } from './identifiers.ts';

/**
 * A wish is an order of a party, named by values that the party signed. It moves money once, however often it is signed
 * or sent again. The ids of everything that it leads to follow from its name, so that no service chooses them.
 */
export interface PaymentWish {
  /** The customer or client, as in `sub`. */
  subject: string;
  /** The account or card that pays. */
  sourceId: string;
  endToEndId: string;
}

/** Returns the name of an order over HTTP, for the ledger's table of wishes: a SHA-256 in base64url. */
export function wishOf({ subject, sourceId, endToEndId }: PaymentWish): string {
  return hash('sha256', [subject, sourceId, endToEndId].join('\n'), 'base64url');
}

/**
 * Derives the payment id of an order over HTTP.
 * @param signedAtS the time at which the order was signed, in seconds since the epoch
 */
export function paymentIdOf({ subject, sourceId, endToEndId }: PaymentWish, signedAtS: number): string {
  return idAt('pay', Math.floor(signedAtS) * 1_000, subject, sourceId, endToEndId);
}

/** Derives the id of the only authorization of a card payment. */
export function authorizationIdOf(paymentId: string): string {
  return idFrom('aut', paymentId);
}

/** Derives the id of the only hold of a payment. */
export function holdIdOf(paymentId: string): string {
  return idFrom('hld', paymentId);
}

/** Derives the id of the capture that an order with automatic capture asks for. */
export function captureIdOfOrder(paymentId: string): string {
  return idFrom('cap', paymentId);
}

/** Returns the id that names a capture. If it has no id, its terms name it. */
export function captureIdOf(
  paymentId: string,
  { captureId, amountMinor, final }: { captureId?: string | undefined; amountMinor: bigint; final: boolean },
): string {
  return captureId ?? idFrom('cap', paymentId, String(amountMinor), String(final));
}

/** Returns the id that names a refund. If it has no id, its amount names it. */
export function refundIdOf(
  paymentId: string,
  { refundId, amountMinor }: { refundId?: string | undefined; amountMinor: bigint },
): string {
  return refundId ?? idFrom('rfd', paymentId, String(amountMinor));
}

/**
 * Derives the id of the transfer of a capture or refund.
 * @param operationId the id of the capture or refund
 */
export function transferIdOf(paymentId: string, operationId: string): string {
  return idFrom('trf', paymentId, operationId);
}

/** Derives the id of the transfer of an order that is captured at once. */
export function transferIdOfOrder(paymentId: string): string {
  return transferIdOf(paymentId, captureIdOfOrder(paymentId));
}
