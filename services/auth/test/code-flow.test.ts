import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPool } from '@tallystick/postgres';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { ada, newSigningKey, runAuth, WALLET_CALLBACK, type RunningAuth } from './auth-service.ts';
import { Browser } from '@tallystick/pages/testing';
import { WalletClient } from './client.ts';

let auth: RunningAuth;
let client: WalletClient;

beforeAll(async () => {
  auth = await runAuth();
  client = new WalletClient(auth.url, await newSigningKey());
});
afterAll(() => auth.stop());

describe('authorization code with PKCE and DPoP', () => {
  test('issues an access token (RFC 9068) for the API, bound to the key', async () => {
    const tokens = await client.exchange(await client.code());
    expect(tokens).toMatchObject({ status: 200, token_type: 'DPoP', scope: 'accounts:read payments:write' });

    const jwks = (await (await fetch(`${auth.url}/oauth/jwks`)).json()) as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token!, createLocalJWKSet(jwks), {
      issuer: auth.url,
      audience: 'urn:tallystick:api',
      typ: 'at+jwt',
      algorithms: ['EdDSA'],
    });
    expect(protectedHeader.kid).toBe(jwks.keys[0]!.kid);
    expect(payload).toMatchObject({
      sub: ada.id,
      client_id: 'wallet',
      scope: 'accounts:read payments:write',
      aud: 'urn:tallystick:api',
      cnf: { jkt: client.key.kid },
      jti: expect.any(String),
    });
    expect(payload.exp! - payload.iat!).toBe(600);
  });

  test('works from a pushed request (RFC 9126)', async () => {
    const pushed = await fetch(`${auth.url}/oauth/par`, {
      method: 'POST',
      body: client.authorizeUrl().searchParams,
    });
    const { request_uri: requestUri } = (await pushed.json()) as { request_uri: string };
    const url = new URL('/oauth/authorize', auth.url);
    url.search = new URLSearchParams({ client_id: 'wallet', request_uri: requestUri }).toString();
    const page = await new Browser().open(url);
    expect(page.status).toBe(200);
    expect(page.body).toContain('<h1>Sign in</h1>');
  });

  test('stores codes and refresh tokens only as hashes', async () => {
    const code = await client.code();
    const tokens = await client.exchange(code);
    const pool = createPool({ url: auth.postgresUrl, applicationName: 'test' });
    const kept = await pool.query<{ kept: string }>(
      "SELECT string_agg(id || payload::text, ' ') AS kept FROM oidc_record",
    );
    await pool.end();
    expect(kept.rows[0]!.kept).toContain('"clientId": "wallet"');
    expect(kept.rows[0]!.kept).not.toContain(code);
    expect(kept.rows[0]!.kept).not.toContain(tokens.refresh_token);
  });

  test.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a plain challenge', { code_challenge_method: 'plain' }],
  ])('refuses a request with %s', async (_name, changes) => {
    const { left } = await new Browser().open(client.authorizeUrl(changes));
    expect(left?.searchParams.get('error')).toBe('invalid_request');
    expect(left?.searchParams.get('code')).toBeNull();
  });

  test('refuses a scope that the client is not registered for', async () => {
    const { left } = await new Browser().open(client.authorizeUrl({ scope: 'producers:write' }));
    expect(left?.searchParams.get('error')).toBe('invalid_scope');
  });

  test('refuses any resource except the API', async () => {
    const { left } = await new Browser().open(client.authorizeUrl({ resource: 'https://api.example' }));
    expect(left?.searchParams.get('error')).toBe('invalid_target');
  });

  test('shows an error page and does not redirect for an unregistered redirect URI', async () => {
    const page = await new Browser().open(client.authorizeUrl({ redirect_uri: 'https://evil.example/' }));
    expect(page.status).toBe(400);
    expect(page.left).toBeUndefined();
    expect(page.body).toContain('invalid_redirect_uri');
  });

  test('shows an error page for a client id that no text of the database can be', async () => {
    const page = await new Browser().open(client.authorizeUrl({ client_id: 'wallet\0' }));
    expect(page.status).toBe(400);
    expect(page.body).toContain('invalid_client');
  });

  test('refuses a wrong verifier', async () => {
    const answer = await client.exchange(await client.code(), client.key, 'x'.repeat(43));
    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  test('refuses a token request without a proof', async () => {
    const answer = await client.exchangeWithoutProof(await client.code());
    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  test('refuses a key that differs from the dpop_jkt of the request', async () => {
    const code = await client.code({ dpop_jkt: client.key.kid });
    expect(await client.exchange(code, await newSigningKey())).toMatchObject({
      status: 400,
      error: 'invalid_grant',
    });
  });

  test('refuses a code used twice and revokes its tokens', async () => {
    const code = await client.code();
    const first = await client.exchange(code);
    expect(await client.exchange(code)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await client.refresh(first.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  test('issues tokens once for concurrent uses of a code', async () => {
    const code = await client.code();
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.exchange(code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe('refresh', () => {
  test('rotates: the new token works, and a reuse of the old one revokes the whole family', async () => {
    const first = await client.exchange(await client.code());
    const second = await client.refresh(first.refresh_token);
    expect(second).toMatchObject({ status: 200, token_type: 'DPoP', scope: 'accounts:read payments:write' });
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const third = await client.refresh(second.refresh_token);
    expect(third.status).toBe(200);
    expect(await client.refresh(first.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await client.refresh(third.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  test('requires the key that the refresh token is bound to', async () => {
    const { refresh_token: token } = await client.exchange(await client.code());
    expect(await client.refresh(token, await newSigningKey())).toMatchObject({
      status: 400,
      error: 'invalid_grant',
    });
  });

  test('is refused after a revocation (RFC 7009)', async () => {
    const { refresh_token: token } = await client.exchange(await client.code());
    const body = new URLSearchParams({ client_id: 'wallet', token: token! });
    expect((await fetch(`${auth.url}/oauth/revoke`, { method: 'POST', body })).status).toBe(200);
    expect(await client.refresh(token)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });
});

describe('consent', () => {
  test('shows the requested permissions, the client and the customer', async () => {
    const browser = new Browser();
    const signIn = await browser.open(client.authorizeUrl());
    const page = await browser.submit(signIn, signIn.url.pathname, {
      email: ada.email,
      password: ada.password,
    });
    expect(page.body).toContain('See your accounts, their balances and entries');
    expect(page.body).toContain('Pay from your accounts and cards');
    expect(page.body).toContain(ada.email);
    expect(page.body).toContain('<strong>Wallet ');
  });

  test('shows all requested permissions again in a second request', async () => {
    const browser = new Browser();
    const signIn = await browser.open(client.authorizeUrl());
    const first = await browser.submit(signIn, signIn.url.pathname, {
      email: ada.email,
      password: ada.password,
    });
    await browser.submit(first, '/consent');
    const second = await browser.open(client.authorizeUrl());
    expect(second.body).toContain('<h1>Allow access?</h1>');
    expect(second.body).toContain('Pay from your accounts and cards');
    const { left } = await browser.submit(second, '/consent');
    expect(left?.searchParams.get('code')).toEqual(expect.any(String));
  });

  test('answers access_denied to the client and issues nothing if the customer declines', async () => {
    const browser = new Browser();
    const signIn = await browser.open(client.authorizeUrl());
    const page = await browser.submit(signIn, signIn.url.pathname, {
      email: ada.email,
      password: ada.password,
    });
    const { left } = await browser.submit(page, '/decline');
    expect(left?.href.startsWith(WALLET_CALLBACK)).toBe(true);
    expect(left?.searchParams.get('error')).toBe('access_denied');
    expect(left?.searchParams.get('state')).toBe('state-1');
    expect(left?.searchParams.get('code')).toBeNull();
  });

  test('requires sign-in first', async () => {
    const browser = new Browser();
    const signIn = await browser.open(client.authorizeUrl());
    const forged = { ...signIn, body: `<form action="${signIn.url.pathname}/consent"></form>` };
    expect((await browser.submit(forged, '/consent')).status).toBe(400);
  });
});
