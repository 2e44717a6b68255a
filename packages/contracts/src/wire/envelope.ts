import * as z from 'zod';

/**
 * The JWS algorithm of a batch: one Ed25519 signature over the root of a Merkle tree. The signature part of each record
 * contains the proof that the record is a leaf (RFC 9162 §2.1). A private name, as RFC 7515 §4.1.1 allows.
 */
export const BATCH_ALG = 'urn:tallystick:jws:merkle-ed25519-v1';

/** `typ` of an envelope (RFC 8725 §3.11). */
export const ENVELOPE_TYP = 'tallystick+jwt';

export const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;
/** Maximum lengths of claims, in characters. */
export const CLAIM_LENGTH_MAX = {
  iss: 64,
  aud: 249,
  sub: 200,
  jti: 64,
  type: 120,
  txn: 64,
  cause: 64,
} as const;
/** Largest major version of a message. */
export const VERSION_MAX = 9_999;

/** These claims become record keys, table columns and span attributes. */
const text = (max: number) => z.string().max(max).regex(PRINTABLE_ASCII, 'must be printable ASCII');

/** The protected header: exactly these parameters. */
export const envelopeHeader = z.strictObject({
  alg: z.enum(['EdDSA', 'Ed25519', 'ES256', BATCH_ALG]),
  typ: z.literal(ENVELOPE_TYP),
  kid: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

/** The claims of an envelope; `data` is checked against the schema of its type afterwards. */
export const envelopeClaims = z.strictObject({
  iss: text(CLAIM_LENGTH_MAX.iss),
  aud: text(CLAIM_LENGTH_MAX.aud),
  sub: text(CLAIM_LENGTH_MAX.sub),
  jti: text(CLAIM_LENGTH_MAX.jti),
  iat: z.int().min(0),
  exp: z.int().min(0).optional(),
  type: text(CLAIM_LENGTH_MAX.type),
  version: z.int().min(1).max(VERSION_MAX),
  txn: text(CLAIM_LENGTH_MAX.txn),
  cause: text(CLAIM_LENGTH_MAX.cause).optional(),
  data: z.unknown(),
});
export type EnvelopeClaims = z.output<typeof envelopeClaims>;
