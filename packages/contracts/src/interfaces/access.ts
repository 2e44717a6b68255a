import * as z from 'zod';
import { operation } from '../definitions/operation.ts';
import { cursor, nextCursor } from '../shapes/cursor.ts';
import { id } from '../shapes/identifiers.ts';
import { listQuery } from '../shapes/list.ts';

const since = '2026-11-28';
// Dots alone are a dot segment in a path (RFC 3986 §5.2.4).
const clientId = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/, 'must be a client id')
  .meta({ examples: ['wallet'] });
const disabled = z.object({
  disabledAt: z.iso.datetime().optional().meta({ description: 'Absent if it is enabled' }),
});
const change = { service: 'auth', method: 'POST', proof: 'dpop', successStatuses: [201] } as const;

const ofClient = {
  ...change,
  scope: 'clients:disable',
  params: z.strictObject({ clientId }),
  errors: ['resource.not_found'],
} as const;

export const clientDisable = operation('auth.client.disable', {
  ...ofClient,
  path: '/clients/{clientId}/disablement',
  summary: 'Disable a client: within two seconds no service takes its tokens, and it gets no new ones',
  current: { since, response: disabled.extend({ clientId }) },
});

export const clientEnable = operation('auth.client.enable', {
  ...ofClient,
  path: '/clients/{clientId}/enablement',
  summary: 'Enable a disabled client: it may get new tokens',
  current: { since, response: disabled.extend({ clientId }) },
});

const ofCustomer = {
  ...change,
  params: z.strictObject({ customerId: id('usr') }),
  errors: ['resource.not_found'],
} as const;

export const customerDisable = operation('auth.customer.disable', {
  ...ofCustomer,
  scope: 'customers:disable',
  path: '/customers/{customerId}/disablement',
  summary: 'Disable a customer: within two seconds no service takes their tokens, and they cannot sign in',
  current: { since, response: disabled.extend({ customerId: id('usr') }) },
});

export const customerEnable = operation('auth.customer.enable', {
  ...ofCustomer,
  scope: 'customers:disable',
  path: '/customers/{customerId}/enablement',
  summary: 'Enable a disabled customer: they may sign in again',
  current: { since, response: disabled.extend({ customerId: id('usr') }) },
});

export const sessionsEnd = operation('auth.sessions.end', {
  ...ofCustomer,
  scope: 'sessions:end',
  path: '/customers/{customerId}/sessions/end',
  summary: 'End all sessions of a customer, and the tokens of every app that acts for them',
  current: { since, response: z.object({ customerId: id('usr'), endedAt: z.iso.datetime() }) },
});

const ofOperator = {
  ...change,
  params: z.strictObject({ operatorId: id('opr') }),
  errors: ['resource.not_found'],
} as const;

export const operatorDisable = operation('auth.operator.disable', {
  ...ofOperator,
  scope: 'operators:disable',
  path: '/operators/{operatorId}/disablement',
  summary:
    'Disable a person who is an operator: within two seconds no service takes their tokens, and they cannot sign in',
  current: { since: '2026-11-29', response: disabled.extend({ operatorId: id('opr') }) },
});

export const operatorEnable = operation('auth.operator.enable', {
  ...ofOperator,
  scope: 'operators:disable',
  path: '/operators/{operatorId}/enablement',
  summary: 'Enable a disabled operator: they may sign in again',
  current: { since: '2026-11-29', response: disabled.extend({ operatorId: id('opr') }) },
});

export const operatorSessionsEnd = operation('auth.operator.sessions.end', {
  ...ofOperator,
  scope: 'sessions:end',
  path: '/operators/{operatorId}/sessions/end',
  summary: 'End all sessions of a person who is an operator, and their tokens',
  current: {
    since: '2026-11-29',
    response: z.object({ operatorId: id('opr'), endedAt: z.iso.datetime() }),
  },
});

export const clientList = operation('auth.client.list', {
  service: 'auth',
  method: 'GET',
  path: '/clients',
  summary: 'List the clients with their scopes, in the order of their ids',
  scope: 'clients:read',
  proof: 'none',
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(200).default(200),
    cursor,
  }),
  current: {
    since: '2026-11-29',
    response: z.object({
      clients: z.array(
        disabled.extend({
          clientId: z.string(),
          name: z.string().optional(),
          signsIn: z.enum(['customers', 'operators']).optional().meta({
            description: 'The people who sign in to it; absent if it only acts on its own behalf',
          }),
          scopes: z.array(z.string()),
        }),
      ),
      nextCursor,
    }),
  },
});

const consent = z.object({
  consentId: z.string(),
  clientId: z.string(),
  clientName: z.string().optional(),
  scopes: z.array(z.string()),
  grantedAt: z.iso.datetime(),
});

export const consentList = operation('auth.consent.list', {
  service: 'auth',
  method: 'GET',
  path: '/consents',
  summary: 'List the apps that you allowed to act for you, newest consent first',
  scope: 'consents:read',
  proof: 'none',
  query: z.strictObject(listQuery({ default: 200, max: 200 })),
  current: { since, response: z.object({ consents: z.array(consent), nextCursor }) },
});

export const consentWithdraw = operation('auth.consent.withdraw', {
  service: 'auth',
  method: 'DELETE',
  path: '/consents/{consentId}',
  summary: 'Withdraw a consent: within two seconds no service takes the tokens of the app',
  scope: 'consents:write',
  proof: 'none',
  params: z.strictObject({
    consentId: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be a consent id')
      .meta({ examples: ['WTqjXuzGvY6U9vDYr3oQk'] }),
  }),
  errors: ['resource.not_found'],
  audited: true,
  current: { since, response: z.object({ consentId: z.string(), withdrawnAt: z.iso.datetime() }) },
});
