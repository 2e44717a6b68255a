import { API_AUDIENCE, personScopes, scopes } from '@tallystick/contracts';
import { errors, Provider, type AccountClaims, type Configuration } from 'oidc-provider';
import type { JWK } from 'jose';
import { PROTOCOL_SCOPES } from '../domain/client-metadata.ts';
import { PEOPLE_MEMBER, peopleOf } from '../domain/people.ts';
import type { OidcRecords } from '../store/oidc-records.ts';
import type { Person } from '../store/people.ts';
import { adapterFactory, findUsedRefreshToken } from './adapter.ts';
import { limitCors } from './cors.ts';
import { LIFETIMES_S } from './lifetimes.ts';
import { endGrantsOfMisusedTokens } from './misused-refresh-token.ts';
import { accountIn, askingPolicy, grantOf, type PersonAccount } from './operators.ts';
import type { ProviderPages } from './pages.ts';
import {
  addOperatorClaims,
  addRevocableClaims,
  revokeWithSession,
  tokenToIssue,
  type IssuedToken,
  type TokenToIssue,
} from './token-claims.ts';

export interface ProviderOptions {
  /** Issuer identifier: the public origin of this service. */
  issuer: string;
  records: OidcRecords;
  /** Private Ed25519 JWKs that sign tokens, the current one first; each `kid` is the RFC 7638 thumbprint. */
  tokenKeys: readonly JWK[];
  /** The secrets of cookies; the first signs, all verify. */
  cookieKeys: readonly string[];
  /** Called before an access token is signed; if it fails, there is no token. */
  issuing: (token: TokenToIssue) => Promise<void>;
  /** Whether an enabled client registered an origin. */
  allowsOrigin: (origin: string) => boolean;
  /** Finds a person who is not disabled. */
  findEnabledPerson: (id: string) => Promise<Pick<Person, 'operator'> | undefined>;
  pages: ProviderPages;
}

const API_SCOPES = Object.keys(scopes);

/**
 * Creates the authorization server: OAuth 2.1 with OpenID Connect. Code with PKCE (RFC 7636, S256 only), client
 * credentials, refresh with rotation, PAR (RFC 9126), DPoP (RFC 9449), resource indicators (RFC 8707), JWT access
 * tokens (RFC 9068), revocation (RFC 7009), introspection (RFC 7662).
 */
export function createProvider(options: ProviderOptions): Provider {
  const secure = options.issuer.startsWith('https:');
  const cookie = { httpOnly: true, sameSite: 'lax', secure, signed: true } as const;
  const configuration: Configuration = {
    adapter: adapterFactory(options.records),
    allowOmittingSingleRegisteredRedirectUri: false,
    clientAuthMethods: ['private_key_jwt', 'none'],
    // FAPI 2.0 §5.3.2.1: an assertion for another endpoint or server is none for this one.
    assertJwtClientAuthClaimsAndHeader: (ctx, claims) => {
      if (claims.aud !== ctx.oidc.issuer)
        throw new errors.InvalidClientAuth('aud must be the issuer identifier');
    },
    clientDefaults: { id_token_signed_response_alg: 'EdDSA', token_endpoint_auth_method: 'private_key_jwt' },
    clientBasedCORS: (_ctx, origin, client) =>
      ((client['allowed_origins'] ?? []) as readonly string[]).includes(origin),
    extraClientMetadata: { properties: ['allowed_origins', PEOPLE_MEMBER] },
    cookies: { keys: [...options.cookieKeys], long: cookie, short: cookie },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      introspection: { enabled: true, allowedPolicy: isOwnToken },
      pushedAuthorizationRequests: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // A request without a resource, or with the API among its resources, is for the API.
        defaultResource: () => API_AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => {
          if (resource !== API_AUDIENCE) throw new errors.InvalidTarget();
          const operator = accountIn(ctx)?.operator;
          return {
            audience: API_AUDIENCE,
            // Also at a refresh: a role that was taken away gives no scope any more.
            scope: (operator === undefined ? API_SCOPES : personScopes(operator.roles)).join(' '),
            accessTokenFormat: 'jwt',
            accessTokenTTL: LIFETIMES_S.AccessToken,
            jwt: { sign: { alg: 'EdDSA' } },
          };
        },
      },
      revocation: { enabled: true, allowedPolicy: isOwnToken },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: options.pages.signOut,
        postLogoutSuccessSource: options.pages.signedOut,
      },
      // Access tokens are for the API; the ID token contains the OpenID Connect claims of a customer.
      userinfo: { enabled: false },
    },
    formats: {
      customizers: {
        jwt: async (ctx, token, parts) => {
          addRevocableClaims(token as IssuedToken, parts.payload);
          addOperatorClaims(accountIn(ctx)?.operator, parts.payload);
          const grantType = String(ctx.oidc.params?.grant_type);
          await options.issuing(tokenToIssue(grantType, token as IssuedToken, parts.payload));
        },
      },
    },
    findAccount: async (_ctx, id): Promise<PersonAccount | undefined> => {
      const person = await options.findEnabledPerson(id);
      if (person === undefined) return undefined;
      return { accountId: id, operator: person.operator, claims: (): AccountClaims => ({ sub: id }) };
    },
    interactions: { policy: askingPolicy(), url: (_ctx, interaction) => `/login/${interaction.uid}` },
    // The refresh tokens of operators end with their session, so they need no `offline_access`.
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') &&
      (code.scopes.has('offline_access') || peopleOf(client) === 'operators'),
    loadExistingGrant: grantOf,
    jwks: { keys: options.tokenKeys.map((key) => ({ ...key, alg: 'EdDSA', use: 'sig' })) as never },
    pkce: { required: () => true },
    renderError: options.pages.error,
    responseTypes: ['code'],
    rotateRefreshToken: true,
    routes: {
      authorization: '/oauth/authorize',
      end_session: '/oauth/logout',
      introspection: '/oauth/introspect',
      jwks: '/oauth/jwks',
      pushed_authorization_request: '/oauth/par',
      revocation: '/oauth/revoke',
      token: '/oauth/token',
    },
    scopes: [...PROTOCOL_SCOPES, ...API_SCOPES],
    ttl: LIFETIMES_S,
  };
  const provider = new Provider(options.issuer, configuration);
  // The provider reads the public origin, set by `usePublicOrigin`, from the forwarding headers.
  provider.proxy = true;
  revokeWithSession(provider, options.records.destroySession);
  limitCors(provider, options.allowsOrigin);
  endGrantsOfMisusedTokens(
    provider,
    (value) => findUsedRefreshToken(options.records, value),
    options.records.destroyGrant,
  );
  return provider;
}

/** Allows a client to introspect and revoke only its own tokens. */
function isOwnToken(
  _ctx: unknown,
  client: { clientId: string },
  token: { clientId?: string | undefined },
): boolean {
  return token.clientId === client.clientId;
}
