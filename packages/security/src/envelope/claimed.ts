import { decodeBase64url } from '../parse/base64url.ts';
import { parseExactJson } from '../parse/json.ts';
import { defaultPolicy } from './claims.ts';

/**
 * Reads the type that a message claims, unverified: only to skip messages for other receivers.
 * @returns `undefined` if the value is no compact JWS with a type
 */
export function claimedType(value: Buffer | null): string | undefined {
  const { type } = claimed(value);
  return typeof type === 'string' ? type : undefined;
}

/** Reads the issuer and the id that a message claims, unverified: only to skip messages of other senders. */
export function claimedSender(value: Buffer | null): { iss: string; jti: string } | undefined {
  const { iss, jti } = claimed(value);
  return typeof iss === 'string' && typeof jti === 'string' ? { iss, jti } : undefined;
}

/** Reads the claimed expiry of a message, in seconds, unverified; `undefined` if there is none. */
export function claimedExpiryS(value: Buffer | null): number | undefined {
  const { exp } = claimed(value);
  return typeof exp === 'number' ? exp : undefined;
}

const PAYMENT_ID = /^pay_[0-9a-f-]{36}$/;

/** Reads the payment that a message claims to concern, unverified: only to tell an operator of it. */
export function claimedPaymentId(value: Buffer | null): string | undefined {
  const { paymentId } = (claimed(value)['data'] ?? {}) as { paymentId?: unknown };
  return typeof paymentId === 'string' && PAYMENT_ID.test(paymentId) ? paymentId : undefined;
}

/** Reads the claims of a compact JWS, unverified: they decide nothing. */
export function claimed(value: Buffer | null): Record<string, unknown> {
  if (value === null || value.length > defaultPolicy.valueBytesMax) return {};
  const [, payload, signature] = value.toString('latin1').split('.', 3);
  if (payload === undefined || signature === undefined) return {};
  return (jsonPart(payload) ?? {}) as Record<string, unknown>;
}

/** Reads the key id in the header of a compact JWS, unverified; `undefined` if there is none. */
export function claimedKeyId(jws: string): string | undefined {
  const { kid } = (jsonPart(jws.slice(0, Math.max(0, jws.indexOf('.')))) ?? {}) as { kid?: unknown };
  return typeof kid === 'string' ? kid : undefined;
}

/** Decodes a part of a compact JWS; `undefined` if it is not JSON. */
export function jsonPart(part: string): unknown {
  return parseExactJson(decodeBase64url(part));
}
