import { createHash, randomBytes } from 'node:crypto';
import { powerOf } from '@tallystick/contracts';
import { makeProof, type SigningKey } from '@tallystick/security';
import { importJWK, SignJWT, type JWK } from 'jose';
import { ada, newSigningKey, WALLET_CALLBACK, type RunningAuth } from './auth-service.ts';
import { Browser } from '@tallystick/pages/testing';

export interface TokenAnswer {
  status: number;
  access_token?: string;
  refresh_token?: string;
  token_type?: string;
  scope?: string;
  error?: string;
  error_description?: string;
}

/** The client `wallet`, which implements the protocol by hand, so that a test can omit or corrupt each part. */
export class WalletClient {
  readonly verifier = randomBytes(32).toString('base64url');
  readonly url: string;
  readonly key: SigningKey;
  readonly customer: { email: string; password: string };

  constructor(url: string, key: SigningKey, customer: { email: string; password: string } = ada) {
    this.url = url;
    this.key = key;
    this.customer = customer;
  }

  authorizeUrl(changes: Record<string, string | undefined> = {}): URL {
    const url = new URL('/oauth/authorize', this.url);
    const parameters: Record<string, string | undefined> = {
      client_id: 'wallet',
      redirect_uri: WALLET_CALLBACK,
      response_type: 'code',
      scope: 'openid offline_access accounts:read payments:write',
      prompt: 'consent',
      state: 'state-1',
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    };
    for (const [name, value] of Object.entries(parameters))
      if (value !== undefined) url.searchParams.set(name, value);
    return url;
  }

  /** Signs the customer in and allows the requested scopes. @returns the code */
  async code(changes: Record<string, string | undefined> = {}, browser = new Browser()): Promise<string> {
    const signIn = await browser.open(this.authorizeUrl(changes));
    const consent = await browser.submit(signIn, signIn.url.pathname, {
      email: this.customer.email,
      password: this.customer.password,
    });
    const { left } = await browser.submit(consent, '/consent');
    const code = left?.searchParams.get('code');
    if (typeof code !== 'string') throw new Error(`no code at ${String(left)}`);
    return code;
  }

  /** Revokes a token (RFC 7009). */
  async revoke(token: string): Promise<number> {
    const body = new URLSearchParams({ client_id: 'wallet', token });
    return (await fetch(`${this.url}/oauth/revoke`, { method: 'POST', body })).status;
  }

  /** @param key signs the DPoP proof; without a key there is no proof */
  exchange(
    code: string,
    key: SigningKey | undefined = this.key,
    verifier = this.verifier,
  ): Promise<TokenAnswer> {
    const parameters = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: WALLET_CALLBACK,
      code_verifier: verifier,
    };
    return this.#token(parameters, key);
  }

  exchangeWithoutProof(code: string): Promise<TokenAnswer> {
    const parameters = { grant_type: 'authorization_code', code, redirect_uri: WALLET_CALLBACK };
    return this.#token({ ...parameters, code_verifier: this.verifier }, undefined);
  }

  refresh(refreshToken: string | undefined, key: SigningKey = this.key): Promise<TokenAnswer> {
    return this.#token({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '' }, key);
  }

  async #token(parameters: Record<string, string>, key: SigningKey | undefined): Promise<TokenAnswer> {
    const proof = key === undefined ? undefined : await proofFor(key, this.url);
    return requestToken(this.url, { client_id: 'wallet', ...parameters }, proof);
  }
}

export function proofFor(key: SigningKey, url: string): Promise<string> {
  return makeProof(key, { method: 'POST', url: `${url}/oauth/token`, nowMs: Date.now() });
}

export async function requestToken(
  url: string,
  body: Record<string, string>,
  proof?: string,
): Promise<TokenAnswer> {
  const response = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams(body),
    headers: proof === undefined ? {} : { dpop: proof },
  });
  return { ...((await response.json()) as object), status: response.status };
}

/** Returns the form fields that authenticate a client of operators (RFC 7523 §2.2). */
export async function opsAssertion(
  url: string,
  privateJwk: JWK,
  clientId = 'ops',
  audience: string | string[] = url,
): Promise<Record<string, string>> {
  const assertion = await new SignJWT({ jti: randomBytes(16).toString('base64url') })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(await importJWK(privateJwk, 'EdDSA'));
  return {
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}

/** Calls operations of the service with an access token and a DPoP proof that covers the body. */
export class OperatorClient {
  readonly #auth: RunningAuth;
  readonly #key: SigningKey;
  readonly #accessToken: string;

  constructor(auth: RunningAuth, key: SigningKey, accessToken: string) {
    this.#auth = auth;
    this.#key = key;
    this.#accessToken = accessToken;
  }

  static async create(
    auth: RunningAuth,
    scope = 'producers:write',
    client?: string,
  ): Promise<OperatorClient> {
    const key = await newSigningKey();
    const power = powerOf(scope.split(' ')[0]!);
    const clientId = client ?? (power === 'registrar' ? 'ops' : `ops-${power}`);
    const assertion = await opsAssertion(auth.url, auth.opsKey, clientId);
    const body = { grant_type: 'client_credentials', scope, ...assertion };
    const { access_token: token } = await requestToken(auth.url, body, await proofFor(key, auth.url));
    return new OperatorClient(auth, key, token!);
  }

  async call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: unknown }> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const proof = await makeProof(this.#key, {
      method,
      url: this.#auth.url + path,
      accessToken: this.#accessToken,
      body: text,
      nowMs: Date.now(),
    });
    const response = await fetch(this.#auth.url + path, {
      method,
      ...(method === 'GET' ? {} : { body: text }),
      headers: {
        authorization: `DPoP ${this.#accessToken}`,
        dpop: proof,
        'content-type': 'application/json',
        'idempotency-key': randomBytes(16).toString('base64url'),
        ...headers,
      },
    });
    return { status: response.status, body: await response.json() };
  }
}
