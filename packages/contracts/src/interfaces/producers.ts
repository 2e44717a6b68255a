import * as z from 'zod';
import { operation } from '../definitions/operation.ts';
import { nextCursor } from '../shapes/cursor.ts';
import { listQuery } from '../shapes/list.ts';
import { permission, publicJwk } from '../shapes/keys.ts';
import { confidential } from '../definitions/classification.ts';
import { producerId } from '../shapes/parties.ts';

const since = '2026-11-01';
const operator = { service: 'auth', scope: 'producers:write' } as const;

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

export const producerEnrol = operation('auth.producer.enrol', {
  ...operator,
  method: 'POST',
  successStatuses: [201],
  path: '/producers/{producerId}/enrolments',
  summary: 'Invite a third party to register a key; only this response shows its one-time code',
  proof: 'dpop',
  params: z.strictObject({ producerId }),
  // The database has no code: not in the answers that it stores either.
  idempotent: false,
  errors: ['producer.name_reserved', 'producer.permission_refused'],
  current: {
    since,
    body: z.strictObject({
      permissions: z.array(permission).max(50),
      batch: z.boolean().default(false).meta({ description: 'Whether the key may sign batches' }),
    }),
    response: z.object({
      producerId: z.string(),
      enrolmentCode: confidential(z.string()),
      expiresAt: z.iso.datetime(),
    }),
  },
});

export const producerRegister = operation('auth.producer.register', {
  ...operator,
  method: 'POST',
  successStatuses: [201],
  path: '/producers/{producerId}/keys',
  summary: "Certify a third party's key for the commands that third parties may send",
  proof: 'dpop',
  params: z.strictObject({ producerId }),
  errors: [
    'producer.proof_invalid',
    'producer.enrolment_invalid',
    'producer.second_operator_needed',
    'producer.key_reused',
    'producer.name_reserved',
    'producer.permission_refused',
  ],
  current: {
    since,
    body: z.strictObject({
      publicJwk,
      use: z.enum(['sig', 'enc']).default('sig'),
      permissions: z.array(permission).max(50),
      batch: z.boolean().default(false).meta({ description: 'Whether the key may sign batches' }),
      proof: z.string().max(4096).meta({
        description:
          'Compact JWS signed by this key, typ tallystick-proof+jwt, with the claims sub (the producer id), jkt (the thumbprint of this key), permissions, batch, enrolment_code and iat',
      }),
      approval: z.string().max(4096).optional().meta({
        description:
          'The same claims, signed by a key that the producer has: for a further key of the producer',
      }),
    }),
    response: producerKeyResource,
  },
});

export const producerKeyRevoke = operation('auth.producer.revoke', {
  ...operator,
  method: 'POST',
  successStatuses: [201],
  path: '/producers/{producerId}/keys/{kid}/revocation',
  summary: 'Revoke a key; within seconds no service trusts it',
  proof: 'dpop',
  params: z.strictObject({
    producerId,
    kid: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .meta({
        description: 'JWK thumbprint (RFC 7638)',
        examples: ['NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
      }),
  }),
  errors: ['producer.key_not_found'],
  current: { since, response: producerKeyResource },
});

export const producerList = operation('auth.producer.list', {
  ...operator,
  method: 'GET',
  path: '/producers',
  summary: 'List the keys of all message producers, newest first',
  proof: 'none',
  query: z.strictObject(listQuery({ default: 1_000, max: 1_000 })),
  current: { since, response: z.object({ keys: z.array(producerKeyResource), nextCursor }) },
});
