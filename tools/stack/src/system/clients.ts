import { personScopes, powers, scopesFor, type Power, type Scope } from '@tallystick/contracts';
import type { KeyPair } from './keys.ts';

/** The operators' client that brings money in: it owns the external accounts. */
export const TREASURY_CLIENT = 'treasury' satisfies Power;
export const CUSTOMER_CLIENT = 'demo-app';
export const DOCS_CLIENT = 'docs';
/** The client as which operators sign in. */
export const CONSOLE_CLIENT = 'console';
/** The client of synthetic payments, and its message producer. */
export const PROBE = 'probe';
/** An origin from which scripts may call the services for the customers' client. */
export const CUSTOMER_ORIGIN = 'http://localhost:5173';

/** The probe owns accounts, pays between them, and lets its producer do so. */
const PROBE_SCOPES: readonly Scope[] = [
  'accounts:read',
  'accounts:write',
  'mandates:read',
  'mandates:write',
  'payments:read',
  'payments:write',
];

/** The scopes of each of the operators' clients, which have the names of their powers. */
const OPERATOR_SCOPES: Record<Power, readonly Scope[]> = {
  treasury: ['accounts:read', 'transfers:write', 'transfers:propose'],
  registrar: ['producers:write'],
  reader: ['ledger:read', 'clients:read', 'audit:read'],
  support: [
    'accounts:freeze',
    'cards:block',
    'clients:disable',
    'customers:disable',
    'operators:disable',
    'mandates:withdraw',
    'sessions:end',
  ],
};

/** Metadata of a client (RFC 7591), as auth's seed takes it. */
export type ClientMetadata = Record<string, unknown>;

/**
 * Returns the clients of a system: the customers' one, the operators', and the probe's.
 * @param keys of the clients that authenticate by one
 * @param origins the services' own addresses, whose page `/docs` signs people in, and that of the console; without them
 * there are no such clients
 */
export function seedClients(
  keys: { operators: Record<Power, KeyPair>; probe: KeyPair; consoleClient: KeyPair },
  { docsOrigins, consoleOrigin }: { docsOrigins: readonly string[]; consoleOrigin: string | undefined },
): ClientMetadata[] {
  return [
    customerClient(),
    ...(docsOrigins.length === 0 ? [] : [docsClient(docsOrigins)]),
    ...(consoleOrigin === undefined ? [] : [consoleClient(consoleOrigin, keys.consoleClient)]),
    ...powers.map((power) =>
      ownClient(power, `Operators: ${power}`, keys.operators[power], OPERATOR_SCOPES[power]),
    ),
    ownClient(PROBE, 'Synthetic payments', keys.probe, PROBE_SCOPES),
  ];
}

/** Whether a client is one of the operators. */
export function isPower(clientId: unknown): clientId is Power {
  return powers.some((power) => power === clientId);
}

function customerClient(): ClientMetadata {
  return {
    client_id: CUSTOMER_CLIENT,
    client_name: 'Demo app',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: ['http://127.0.0.1/callback'],
    allowed_origins: [CUSTOMER_ORIGIN],
    scope: ['openid', 'offline_access', ...scopesFor('customer')].join(' '),
    dpop_bound_access_tokens: true,
  };
}

/** The client as which people sign in on the services' page `/docs`. */
function docsClient(origins: readonly string[]): ClientMetadata {
  return {
    client_id: DOCS_CLIENT,
    client_name: 'Interface documentation',
    // Only such a client may return to http, which is on this machine alone.
    application_type: origins.some((origin) => origin.startsWith('http:')) ? 'native' : 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: origins.map((origin) => `${origin}/docs`),
    allowed_origins: origins,
    scope: ['openid', ...scopesFor('customer')].join(' '),
    dpop_bound_access_tokens: true,
  };
}

/** The client as which people who are operators sign in. @param origin of the console */
function consoleClient(origin: string, { publicJwk, kid }: KeyPair): ClientMetadata {
  return {
    client_id: CONSOLE_CLIENT,
    client_name: 'Console',
    signs_in: 'operators',
    application_type: origin.startsWith('http:') ? 'native' : 'web',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...publicJwk, kid, use: 'sig' }] },
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [`${origin}/sign-in/callback`],
    post_logout_redirect_uris: [`${origin}/signed-out`],
    scope: ['openid', ...personScopes(powers)].join(' '),
    dpop_bound_access_tokens: true,
  };
}

/** A client that acts on its own behalf. */
function ownClient(
  id: string,
  name: string,
  { publicJwk, kid }: KeyPair,
  scopes: readonly Scope[],
): ClientMetadata {
  return {
    client_id: id,
    client_name: name,
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...publicJwk, kid, use: 'sig' }] },
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope: scopes.join(' '),
    dpop_bound_access_tokens: true,
  };
}
