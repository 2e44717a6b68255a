import * as z from 'zod';
import { BATCH_ALG } from './signature.ts';

/** `typ` of an envelope (RFC 8725 §3.11). */
export const ENVELOPE_TYP = 'tallystick+jwt';

const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;
const LENGTH_MAX = { iss: 64, aud: 249, sub: 200, jti: 64, type: 120, txn: 64, cause: 64 } as const;
const VERSION_MAX = 9_999;

/** These texts become record keys, rows and attributes. */
const text = (max: number) => z.string().max(max).regex(PRINTABLE_ASCII, 'must be printable ASCII');

/** The protected header: these parameters, and no other. */
export const envelopeHeader = z.strictObject({
  alg: z.enum(['EdDSA', 'Ed25519', 'ES256', BATCH_ALG]),
  typ: z.literal(ENVELOPE_TYP),
  kid: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

/** The claims of an envelope; `data` is checked against the schema of its type afterwards. */
export const envelopeClaims = z.strictObject({
  iss: text(LENGTH_MAX.iss),
  aud: text(LENGTH_MAX.aud),
  sub: text(LENGTH_MAX.sub),
  jti: text(LENGTH_MAX.jti),
  iat: z.int().min(0),
  exp: z.int().min(0).optional(),
  type: text(LENGTH_MAX.type),
  version: z.int().min(1).max(VERSION_MAX),
  txn: text(LENGTH_MAX.txn),
  cause: text(LENGTH_MAX.cause).optional(),
  data: z.unknown(),
});
export type EnvelopeClaims = z.output<typeof envelopeClaims>;

const OPTIONAL: ReadonlySet<string> = new Set(['exp', 'cause']);
const CLAIMS = Object.keys(envelopeClaims.shape);

/**
 * Whether parsed JSON fits {@link envelopeClaims}, told some ten times as fast: each message is asked. The schema says
 * what is wrong where it does not.
 */
export function areEnvelopeClaims(payload: unknown): payload is EnvelopeClaims {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return false;
  const claims = payload as Record<string, unknown>;
  let known = 0;
  for (const name of CLAIMS) {
    if (!Object.hasOwn(claims, name)) {
      if (!OPTIONAL.has(name)) return false;
      continue;
    }
    known += 1;
    if (!isClaim(name as keyof EnvelopeClaims, claims[name])) return false;
  }
  return Object.keys(claims).length === known;
}

function isClaim(name: keyof EnvelopeClaims, value: unknown): boolean {
  if (name === 'data') return true;
  if (name === 'iat' || name === 'exp') return isWholeFrom(0, value);
  if (name === 'version') return isWholeFrom(1, value) && value <= VERSION_MAX;
  return typeof value === 'string' && value.length <= LENGTH_MAX[name] && PRINTABLE_ASCII.test(value);
}

function isWholeFrom(least: number, value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** Limits within which an envelope is accepted. */
export interface EnvelopePolicy {
  /** Largest record value, in bytes. */
  valueBytesMax: number;
  /** How far clocks may differ, in seconds. */
  clockSkewS: number;
  /** Longest time from `iat` to `exp` of a command, in seconds. */
  commandLifetimeMaxS: number;
  /** Age past which an event is refused, in seconds; for as long its `jti` is remembered. */
  eventHorizonS: number;
}

export const defaultPolicy: EnvelopePolicy = {
  valueBytesMax: 262_144,
  clockSkewS: 30,
  commandLifetimeMaxS: 3_600,
  eventHorizonS: 7 * 86_400,
};
