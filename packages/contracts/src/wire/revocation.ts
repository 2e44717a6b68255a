import * as z from 'zod';

/** `typ` of a revocation. */
export const REVOCATION_TYP = 'tallystick-revocation+jwt';

/**
 * The tokens that a revocation ends. `grant`: those of a consent; `session`: those of a sign-in; `client`: those that
 * the client got before; `customer`: those that a person got before, who is a customer or an operator.
 */
export const revocationKinds = ['grant', 'session', 'client', 'customer'] as const;
export type RevocationKind = (typeof revocationKinds)[number];

/** The claims of a revocation, signed by the registrar. After `exp` no token that it ends can still be used. */
export const revocationClaims = z.object({
  kind: z.enum(revocationKinds),
  id: z.string().min(1).max(200),
  iat: z.int().min(0),
  exp: z.int().min(0),
});
export type RevocationClaims = z.output<typeof revocationClaims>;
