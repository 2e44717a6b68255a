import { personScopes, powerOf, powers, scopes, scopesFor } from '@tallystick/contracts';
import * as z from 'zod';
import { people, peopleOf, personPrefixes } from './people.ts';

/** Scopes of the protocol itself, in addition to those of the API. */
export const PROTOCOL_SCOPES = ['openid', 'offline_access'] as const;

/** Scopes that a customer may consent to. All others are for clients that act on their own behalf. */
export const customerScopes: ReadonlySet<string> = new Set([...PROTOCOL_SCOPES, ...scopesFor('customer')]);

/** All scopes that this server grants. */
export const knownScopes: ReadonlySet<string> = new Set([...PROTOCOL_SCOPES, ...Object.keys(scopes)]);

/** Scopes that a client for operators may have: those of all roles, and the protocol's own but `offline_access`. */
const operatorScopes: ReadonlySet<string> = new Set(['openid', ...personScopes(powers)]);

const publicJwk = z
  .looseObject({ kty: z.string(), kid: z.string().optional() })
  .refine((jwk) => !('d' in jwk), {
    message: 'must be a public key',
  });

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Returns whether a text is an origin as a browser writes it, over https or of this machine. */
function isBrowserOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.origin !== text || text.includes('*')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname));
}

const ALLOWED_ORIGINS_MAX = 20;

/**
 * Client metadata (RFC 7591 §2), limited to the features of this server. Grants are code with PKCE, client credentials
 * and refresh; clients use `private_key_jwt` or are public. The provider checks unknown names.
 */
export const clientMetadata = z
  .looseObject({
    client_id: z
      .string()
      .min(1)
      .max(128)
      // The subject of a token is a person or a client, and must say which.
      .refine(
        (id) => !personPrefixes.some((prefix) => id.startsWith(prefix)),
        `must not begin like the id of a person: ${personPrefixes.join(', ')}`,
      ),
    client_name: z.string().min(1).max(80).optional(),
    application_type: z.enum(['web', 'native']).optional(),
    redirect_uris: z.array(z.string()).default([]),
    grant_types: z
      .array(z.enum(['authorization_code', 'client_credentials', 'refresh_token']))
      .min(1)
      .default(['authorization_code']),
    response_types: z.array(z.literal('code')).optional(),
    token_endpoint_auth_method: z.enum(['private_key_jwt', 'none']),
    scope: z.string(),
    /** The people who sign in to this client; customers if it is absent. */
    signs_in: z.enum(people).optional(),
    /** Origins whose scripts may call the HTTP interface for this client (CORS); none by default. */
    allowed_origins: z
      .array(
        z
          .string()
          .max(255)
          .refine(isBrowserOrigin, 'must be an origin such as https://app.example, or http on this machine'),
      )
      .max(ALLOWED_ORIGINS_MAX)
      .optional(),
    jwks: z.object({ keys: z.array(publicJwk).min(1) }).optional(),
    dpop_bound_access_tokens: z
      .literal(true, 'must be true: access tokens are bound to a key (RFC 9449)')
      .default(true),
  })
  .check((context) => {
    const client = context.value;
    const fault = (path: string, message: string): void => {
      context.issues.push({ code: 'custom', path: [path], message, input: client[path] });
    };
    const isForOperators = peopleOf(client) === 'operators';
    if (isForOperators && client.token_endpoint_auth_method !== 'private_key_jwt')
      fault('token_endpoint_auth_method', 'must be private_key_jwt for a client that signs in operators');
    if (isForOperators && client.grant_types.includes('client_credentials'))
      fault('grant_types', 'client_credentials is for another client than one that signs in operators');
    for (const scope of client.scope.split(' ')) {
      if (isForOperators) {
        if (!operatorScopes.has(scope)) fault('scope', `${scope} is no scope of people who are operators`);
        continue;
      }
      if (!knownScopes.has(scope)) fault('scope', `there is no scope ${scope}`);
      if (
        knownScopes.has(scope) &&
        !customerScopes.has(scope) &&
        client.grant_types.some((grant) => grant !== 'client_credentials')
      ) {
        fault('scope', `${scope} is for clients with client_credentials alone`);
      }
    }
    const held = new Set(client.scope.split(' ').flatMap((scope) => powerOf(scope) ?? []));
    if (client.grant_types.includes('client_credentials') && held.size > 1)
      fault('scope', `gives the powers ${[...held].join(', ')}, and each power is for a client of its own`);
    if (client.token_endpoint_auth_method === 'private_key_jwt' && !client.jwks && !client.jwks_uri) {
      fault('jwks', 'is needed for private_key_jwt');
    }
    if (client.token_endpoint_auth_method === 'none' && client.grant_types.includes('client_credentials')) {
      fault('grant_types', 'client_credentials needs a client that authenticates');
    }
  })
  .transform((client) => ({
    ...client,
    // The provider's default is `code`, which a client without a redirect URI may not have.
    response_types:
      client.response_types ?? (client.grant_types.includes('authorization_code') ? ['code'] : []),
  }));

export type ClientMetadata = z.infer<typeof clientMetadata>;
