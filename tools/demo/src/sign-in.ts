import { importJWK, type CryptoKey, type JWK } from 'jose';
import * as oauth from 'oauth4webapi';
import type { SigningKey } from '@tallystick/security';
import { createBrowser, formsOf, unescaped } from './browser.ts';

/** More redirects and forms than any sign-in needs. */
const STEPS_MAX = 15;

/** The tokens of a client with access, bound to the DPoP key (RFC 9449). */
export interface GrantedTokens {
  accessToken: string;
  refreshToken?: string;
  /** RFC 7638 thumbprint of the DPoP key, as in the token's `cnf.jkt`. */
  dpopJkt: string;
  scope: string;
}

export interface SignInOptions {
  /** The issuer: the auth service's public origin. */
  authUrl: string;
  /** A public client (`token_endpoint_auth_method: none`). */
  clientId: string;
  redirectUri: string;
  email: string;
  password: string;
  /** Scopes, separated by spaces. */
  scope: string;
  dpopKey: SigningKey;
}

/**
 * Signs a customer in as a browser and a client would: authorization code with PKCE. It follows redirects with a
 * cookie jar, fills in the sign-in form, allows everything on the consent page, then exchanges the code with a DPoP
 * proof.
 * @throws Error if a page requires something else, e.g. because the password is wrong
 */
export async function signIn(options: SignInOptions): Promise<GrantedTokens> {
  const server = await discover(options.authUrl);
  const client: oauth.Client = { client_id: options.clientId };
  const dpop = oauth.DPoP(client, await keyPairOf(options.dpopKey));
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();

  const address = new URL(server.authorization_endpoint!);
  address.search = new URLSearchParams({
    client_id: options.clientId,
    redirect_uri: options.redirectUri,
    response_type: 'code',
    scope: options.scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    dpop_jkt: await dpop.calculateThumbprint(),
    // Access that outlives the session always needs consent (OpenID Connect Core §11).
    ...(options.scope.split(' ').includes('offline_access') ? { prompt: 'consent' } : {}),
  }).toString();

  const answer = await walkThroughPages(address, options);
  const parameters = oauth.validateAuthResponse(server, client, answer, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    options.redirectUri,
    verifier,
    { DPoP: dpop, ...insecureOn(options.authUrl) },
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response);
  return granted(tokens, await dpop.calculateThumbprint(), options.scope);
}

/** Gets a token for the client itself: client credentials with `private_key_jwt` (RFC 7523) and a DPoP proof. */
export async function clientCredentials(options: {
  authUrl: string;
  clientId: string;
  /** The client's private key, on Ed25519 or P-256. */
  privateJwk: JWK;
  scope: string;
  dpopKey: SigningKey;
}): Promise<GrantedTokens> {
  const server = await discover(options.authUrl);
  const client: oauth.Client = { client_id: options.clientId };
  const dpop = oauth.DPoP(client, await keyPairOf(options.dpopKey));
  const key = (await importJWK(
    { ...options.privateJwk, alg: undefined },
    algorithmOf(options.privateJwk),
  )) as CryptoKey;
  const response = await oauth.clientCredentialsGrantRequest(
    server,
    client,
    oauth.PrivateKeyJwt(key),
    new URLSearchParams({ scope: options.scope }),
    { DPoP: dpop, ...insecureOn(options.authUrl) },
  );
  const tokens = await oauth.processClientCredentialsResponse(server, client, response);
  return granted(tokens, await dpop.calculateThumbprint(), options.scope);
}

async function discover(authUrl: string): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(authUrl);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecureOn(authUrl)));
}

function insecureOn(authUrl: string): { [oauth.allowInsecureRequests]: boolean } {
  const { protocol, hostname } = new URL(authUrl);
  return {
    [oauth.allowInsecureRequests]:
      protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname),
  };
}

async function keyPairOf(key: SigningKey): Promise<oauth.CryptoKeyPair> {
  const publicKey = (await importJWK(key.publicJwk, key.alg, { extractable: true })) as CryptoKey;
  return { privateKey: key.privateKey, publicKey };
}

function algorithmOf(jwk: JWK): string {
  return jwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256';
}

function granted(tokens: oauth.TokenEndpointResponse, dpopJkt: string, asked: string): GrantedTokens {
  return {
    accessToken: tokens.access_token,
    ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }),
    dpopJkt,
    scope: tokens.scope ?? asked,
  };
}

/** Follows pages until the server redirects back to the client. @returns the address of that redirect */
async function walkThroughPages(start: URL, options: SignInOptions): Promise<URL> {
  const browser = createBrowser();
  let at = start;
  let response = await browser.get(at);
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      at = new URL(location, at);
      if (at.href.startsWith(options.redirectUri)) return at;
      response = await browser.get(at);
      continue;
    }
    const page = await response.text();
    if (!response.ok)
      throw new Error(`sign-in stopped: ${problemOf(page) ?? `the server answered ${response.status}`}`);
    const form = formsOf(page).find(({ action }) => !action.endsWith('/decline'));
    if (form === undefined) throw new Error('sign-in stopped: a page has no form');
    if (form.fields.has('email')) form.fields.set('email', options.email);
    if (form.fields.has('password')) form.fields.set('password', options.password);
    at = new URL(form.action, at);
    response = await browser.post(at, form.fields);
  }
  throw new Error(`sign-in did not end within ${STEPS_MAX} steps`);
}

function problemOf(page: string): string | undefined {
  const text = /role="alert"[^>]*>([^<]*)/.exec(page)?.[1];
  return text === undefined ? undefined : unescaped(text);
}
