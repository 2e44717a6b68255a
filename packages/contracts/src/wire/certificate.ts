import * as z from 'zod';
import { permission } from '../shapes/keys.ts';

/** `typ` of a key certificate. */
export const CERTIFICATE_TYP = 'tallystick-key+jwt';
/** `typ` of the registrar's list of current certificates. */
export const SNAPSHOT_TYP = 'tallystick-keys-snapshot+jwt';

const publicJwkClaim = z.object({
  kty: z.enum(['OKP', 'EC']),
  crv: z.enum(['Ed25519', 'X25519', 'P-256']),
  x: z.string(),
  y: z.string().optional(),
});

const seconds = z.int().min(0);

/**
 * The claims of a certificate: `sub` may use the key in `cnf.jwk` (RFC 7800) for the `permissions`. The topic of a
 * permission is an audience: a topic, `card.decisions.v1` for decisions, or the API's for tokens.
 */
export const certificateClaims = z.object({
  sub: z.string().min(1).max(64),
  iat: seconds,
  nbf: seconds,
  exp: seconds,
  cnf: z.object({ jwk: publicJwkClaim }),
  use: z.enum(['sig', 'enc']),
  /** `registrar` only if the root key signed it. */
  role: z.enum(['producer', 'registrar']),
  permissions: z.array(permission).max(50),
  /** Whether the key may sign batches; false if absent. */
  batch: z.boolean().optional(),
  status: z.enum(['active', 'retired', 'revoked']),
  /** The time since which a revoked key is not trusted, in seconds since the epoch. */
  revoked_since: seconds.optional(),
});
export type CertificateClaims = z.output<typeof certificateClaims>;

/**
 * The claims of the registrar's snapshot of current certificates, after the snapshot role of The Update Framework.
 * `version` only increases, `exp` is near, `certificates` maps each `kid` to the SHA-256 of its certificate. `origins` are
 * those from which browser apps may call the HTTP interface.
 */
export const snapshotClaims = z.object({
  version: z.int().min(1),
  iat: seconds,
  exp: seconds,
  certificates: z.record(z.string(), z.string()),
  /** Origins of browser apps, as enabled clients registered them; the previous release writes none. */
  origins: z.array(z.string()).optional(),
});
export type SnapshotClaims = z.output<typeof snapshotClaims>;
