import * as z from 'zod';

const coordinate = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be base64url')
  .meta({ examples: ['11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'] });
const kid = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, 'must be visible ASCII')
  .meta({ examples: ['key-1'] })
  .optional();

/** A public JWK (RFC 7517) of a kind that producers use. Private members are refused. */
export const publicJwk = z.discriminatedUnion('kty', [
  z.strictObject({ kty: z.literal('OKP'), crv: z.enum(['Ed25519', 'X25519']), x: coordinate, kid }),
  z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate, kid }),
]);

/** The permission of a key: message types on a topic. */
export const permission = z.strictObject({
  topic: z.string().max(120),
  types: z.array(z.string().max(120)).min(1).max(100),
});
export type Permission = z.output<typeof permission>;
