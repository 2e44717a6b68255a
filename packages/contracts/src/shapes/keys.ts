import * as z from 'zod';

/** A public JWK (RFC 7517) of a kind that producers use. Private members are refused. */
export const publicJwk = z.discriminatedUnion('kty', [
  z.strictObject({
    kty: z.literal('OKP'),
    crv: z.enum(['Ed25519', 'X25519']),
    x: z.string().max(64),
    kid: z.string().max(64).optional(),
  }),
  z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string().max(64),
    y: z.string().max(64),
    kid: z.string().max(64).optional(),
  }),
]);

/** The permission of a key: message types on a topic. */
export const permission = z.strictObject({
  topic: z.string().max(120),
  types: z.array(z.string().max(120)).min(1).max(100),
});
export type Permission = z.output<typeof permission>;
