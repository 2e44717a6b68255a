import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  AuthorizationError,
  Client,
  generateDpopKey,
  OAuthClient,
  type RenewedAccess,
  type Tokens,
} from '@tallystick/client';
import { operations, scopesFor } from '@tallystick/contracts';
import { CUSTOMER_CLIENT } from '@tallystick/stack';
import { newDpopKey } from '../src/dpop-key.ts';
import { signIn, type SignedIn } from '../src/sign-in.ts';
import { startWholeSystem, type RunningSystem } from './system.ts';

const START_TIMEOUT_MS = 120_000;
const CALLBACK = 'http://127.0.0.1/callback';
const SCOPE = ['openid offline_access', ...scopesFor('customer')].join(' ');

let running: RunningSystem;

beforeAll(async () => {
  running = await startWholeSystem();
}, START_TIMEOUT_MS);
afterAll(async () => {
  await running.stop();
}, START_TIMEOUT_MS);

/** Signs the customer in, with a key of their own. */
async function signCustomerIn(): Promise<SignedIn> {
  const { stack } = running.world;
  const { email, password } = stack.customers.find((one) => one.email === 'customer@example.com')!;
  const dpopKey = await newDpopKey();
  return signIn({
    authUrl: stack.services.auth!,
    clientId: CUSTOMER_CLIENT,
    redirectUri: CALLBACK,
    email,
    password,
    scope: SCOPE,
    dpopKey,
  });
}

const oauthOf = (send?: typeof fetch): Promise<OAuthClient> =>
  OAuthClient.discover({
    issuer: running.world.stack.services.auth!,
    clientId: CUSTOMER_CLIENT,
    fetch: send,
  });
const clientOf = (access: RenewedAccess): Client =>
  new Client({ services: running.world.stack.services, access });

describe('a customer who signed in', () => {
  test('pays, and finds the payment in the list', async () => {
    const { access } = await signCustomerIn();
    const client = clientOf(access);
    const endToEndId = `T-${randomUUID().slice(0, 30)}`;
    const { body } = await client.call(operations.createPayment, {
      body: {
        source: { kind: 'account', accountId: running.world.customerAccountId },
        payee: { kind: 'account', accountId: running.world.merchantAccountId },
        amountMinor: 100n,
        currency: 'EUR',
        endToEndId,
      },
      waitS: 15,
    });
    expect(body).toMatchObject({ status: 'captured', capturedMinor: 100n });
    const found = [];
    for await (const payment of client.list(operations.listPayments, { query: { endToEndId, limit: 1 } }))
      found.push(payment.paymentId);
    expect(found).toEqual([body.paymentId]);
  });

  test('cannot end a sign-in that began elsewhere', async () => {
    const [oauth, key] = await Promise.all([oauthOf(), generateDpopKey()]);
    const pending = await oauth.beginSignIn({ redirectUri: CALLBACK, scope: SCOPE, key });
    expect(new URL(pending.url).searchParams.get('request_uri')).toMatch(
      /^urn:ietf:params:oauth:request_uri:/,
    );
    const callback = new URL(CALLBACK);
    const iss = running.world.stack.services.auth!;
    callback.search = new URLSearchParams({ code: 'a', state: 'of another sign-in', iss }).toString();
    await expect(oauth.endSignIn(pending, callback, key)).rejects.toMatchObject({
      name: 'AuthorizationError',
      error: 'invalid_response',
    });
  });

  test('learns why the server ended the sign-in', async () => {
    const [oauth, key] = await Promise.all([oauthOf(), generateDpopKey()]);
    const pending = await oauth.beginSignIn({ redirectUri: CALLBACK, scope: SCOPE, key });
    const callback = new URL(CALLBACK);
    const iss = running.world.stack.services.auth!;
    callback.search = new URLSearchParams({ error: 'access_denied', state: pending.state, iss }).toString();
    const error: unknown = await oauth.endSignIn(pending, callback, key).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AuthorizationError);
    expect(error).toMatchObject({ error: 'access_denied' });
  });
});

describe('a refresh', () => {
  test('runs once for all calls that wait for it, and its tokens are kept first', async () => {
    const { tokens, access } = await signCustomerIn();
    let requests = 0;
    const oauth = await oauthOf(async (url, init) => {
      requests += 1;
      return fetch(url, init);
    });
    requests = 0;
    const kept: Tokens[] = [];
    const renewed = oauth.customerAccess(tokens, access.key, { onTokens: (next) => void kept.push(next) });
    const given = await Promise.all([1, 2, 3].map(() => renewed.token(tokens.accessToken)));
    expect(requests).toBe(1);
    expect(kept).toHaveLength(1);
    expect(kept[0]!.refreshToken).not.toBe(tokens.refreshToken);
    expect(given).toEqual(kept.concat(kept, kept).map(({ accessToken }) => accessToken));
    const { status } = await clientOf(renewed).call(operations.accountList);
    expect(status).toBe(200);
  });

  test('is repeated with the same refresh token if its answer is lost', async () => {
    const { tokens, access } = await signCustomerIn();
    const sent: string[] = [];
    const oauth = await oauthOf(async (url, init) => {
      const request = new Request(url, init);
      const refreshToken = new URLSearchParams(await request.clone().text()).get('refresh_token');
      const answer = await fetch(request);
      if (refreshToken === null) return answer;
      sent.push(refreshToken);
      // The server has answered, and the client does not learn of it.
      if (sent.length < 3) throw new TypeError('fetch failed');
      return answer;
    });
    const renewed = await oauth.refresh(tokens, access.key);
    expect(sent).toEqual([tokens.refreshToken, tokens.refreshToken, tokens.refreshToken]);
    const next = await oauth.refresh(renewed, access.key);
    const client = clientOf(oauth.customerAccess(next, access.key));
    expect((await client.call(operations.accountList)).status).toBe(200);
  });

  test('tells that the customer must sign in again', async () => {
    const { tokens, access } = await signCustomerIn();
    const oauth = await oauthOf();
    await oauth.refresh(await oauth.refresh(tokens, access.key), access.key);
    const error: unknown = await oauth.refresh(tokens, access.key).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AuthorizationError);
    expect(error).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('a client that acts for itself', () => {
  test('is refused a scope that it is not registered for', async () => {
    const key = await generateDpopKey();
    const { clients, services } = running.world.stack;
    const { privateJwk } = clients.find(({ client_id }) => client_id === 'reader')!;
    const oauth = await OAuthClient.discover({
      issuer: services.auth!,
      clientId: 'reader',
      privateJwk: JSON.parse(readFileSync(privateJwk!, 'utf8')) as object,
    });
    const client = new Client({ services, access: oauth.clientAccess('ledger:read', key) });
    expect((await client.call(operations.trialBalance)).body.balanced).toBe(true);
    const error: unknown = await oauth
      .clientCredentials('transfers:write', key)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'AuthorizationError', error: 'invalid_scope' });
  });
});
