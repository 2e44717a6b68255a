import * as z from 'zod';
import { BATCH_ALG } from './signature.ts';

/** `typ` of an envelope (RFC 8725 §3.11). */
export const ENVELOPE_TYP = 'tallystick+jwt';

/** Printable ASCII: these texts become record keys, rows and attributes. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII');

/** The protected header: these parameters, and no other. */
export const envelopeHeader = z.strictObject({
  alg: z.enum(['EdDSA', 'Ed25519', 'ES256', BATCH_ALG]),
  typ: z.literal(ENVELOPE_TYP),
  kid: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

/** The claims of an envelope; `data` is checked against the schema of its type afterwards. */
export const envelopeClaims = z.strictObject({
  iss: text(64),
  aud: text(249),
  sub: text(200),
  jti: text(64),
  iat: z.int().min(0),
  exp: z.int().min(0).optional(),
  type: text(120),
  version: z.int().min(1).max(9999),
  txn: text(64),
  cause: text(64).optional(),
  data: z.unknown(),
});
export type EnvelopeClaims = z.output<typeof envelopeClaims>;

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
