import * as z from 'zod';
import type { InterfaceStatus } from './message.ts';
import type { ServiceName } from './topics.ts';

/** What an access token may be used for. The words are what the consent page says. */
export const scopes = {
  'accounts:read': 'See your accounts, their balances and entries',
  'accounts:write': 'Open accounts in your name',
  'transfers:write': 'Move money out of your accounts',
  'mandates:read': 'See who may debit your accounts',
  'mandates:write': 'Let others debit your accounts, and withdraw that',
  'cards:read': 'See your cards',
  'cards:write': 'Order cards on your accounts and set their limits',
  'payments:read': 'See your payments',
  'payments:write': 'Pay from your accounts and cards, and refund what you were paid',
  'ledger:read': 'See the trial balance of the whole ledger',
  'producers:write': 'Register message producers and revoke their keys',
} as const;
export type Scope = keyof typeof scopes;

/** The one audience of access tokens (RFC 8707, RFC 9068). */
export const API_AUDIENCE = 'urn:tallystick:api';

/**
 * What the caller must show: `token`: an access token (a plain bearer token will do); `dpop`: a sender-constrained
 * token with its proof (RFC 9449) whose claim `content_digest` covers the body, since the request moves money or
 * gives someone the power to.
 */
export type Authority = 'token' | 'dpop';

export interface OperationDefinition<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  /** Also the evidence's name of what was asked for. */
  id: string;
  service: ServiceName;
  method: 'GET' | 'POST' | 'DELETE';
  /** Path with parameters in braces: `/v1/payments/{paymentId}`. */
  path: string;
  summary: string;
  scope: Scope;
  authority: Authority;
  /** Whether an `Idempotency-Key` header is required. */
  idempotent: boolean;
  status: InterfaceStatus;
  params: Params;
  query: Query;
  body: Body;
  response: Response;
  /** Statuses of success, the usual first. */
  successStatuses: readonly [number, ...number[]];
}

const nothing = z.strictObject({});
type Nothing = typeof nothing;

/** Defines an HTTP operation. Params, query and body default to empty and strict. */
export function defineOperation<
  Response extends z.ZodType,
  Params extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
  Body extends z.ZodType = Nothing,
>(
  definition: Omit<
    OperationDefinition<Params, Query, Body, Response>,
    'params' | 'query' | 'body' | 'status' | 'successStatuses' | 'idempotent'
  > & {
    params?: Params;
    query?: Query;
    body?: Body;
    status?: InterfaceStatus;
    successStatuses?: readonly [number, ...number[]];
    idempotent?: boolean;
  },
): OperationDefinition<Params, Query, Body, Response> {
  return {
    status: 'stable',
    successStatuses: [definition.method === 'POST' ? 201 : 200],
    idempotent: definition.method === 'POST',
    ...definition,
    params: definition.params ?? (nothing as unknown as Params),
    query: definition.query ?? (nothing as unknown as Query),
    body: definition.body ?? (nothing as unknown as Body),
  };
}

/** Fills in an operation's path: `operationPath(op, { paymentId })` → `/v1/payments/pay_…`. */
export function operationPath(operation: { path: string }, params: Record<string, string> = {}): string {
  return operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`path parameter ${name} is missing`);
    return encodeURIComponent(value);
  });
}
