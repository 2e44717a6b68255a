import * as z from 'zod';
import { producerId } from '../messages/shapes.ts';
import { defineOperation } from '../operation.ts';

/** A public JWK (RFC 7517) of the kinds that producers use. Private members are refused. */
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

/** What a key may send: message types by topic. */
export const permission = z.strictObject({
  topic: z.string().max(120),
  types: z.array(z.string().max(120)).min(1).max(100),
});
export type Permission = z.output<typeof permission>;

const producerKeyResource = z.object({
  producerId: z.string(),
  kid: z.string(),
  use: z.enum(['sig', 'enc']),
  permissions: z.array(permission),
  batch: z.boolean(),
  status: z.enum(['active', 'retired', 'revoked']),
  notBefore: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

const operator = { service: 'auth', scope: 'producers:write' } as const;

export const producerRegister = defineOperation({
  ...operator,
  id: 'auth.producer.register',
  method: 'POST',
  path: '/v1/producers/{producerId}/keys',
  summary: 'Certify a key of a message producer',
  authority: 'dpop',
  params: z.strictObject({ producerId }),
  body: z.strictObject({
    publicJwk,
    use: z.enum(['sig', 'enc']).default('sig'),
    permissions: z.array(permission).max(50),
    batch: z.boolean().default(false).meta({ description: 'Whether the key may sign batches' }),
    proof: z.string().max(4096).meta({
      description:
        'Compact JWS by the key itself, typ tallystick-proof+jwt, with the claims sub (the producer id) and iat; for use=enc by an active signing key of the producer',
    }),
  }),
  response: producerKeyResource,
});

export const producerKeyRevoke = defineOperation({
  ...operator,
  id: 'auth.producer.revoke',
  method: 'POST',
  path: '/v1/producers/{producerId}/keys/{kid}/revocation',
  summary: 'Revoke a key: no service trusts it any longer, within seconds',
  authority: 'dpop',
  params: z.strictObject({ producerId, kid: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }),
  response: producerKeyResource,
});

export const producerList = defineOperation({
  ...operator,
  id: 'auth.producer.list',
  method: 'GET',
  path: '/v1/producers',
  summary: 'List the keys of all message producers',
  authority: 'token',
  response: z.object({ keys: z.array(producerKeyResource) }),
});
