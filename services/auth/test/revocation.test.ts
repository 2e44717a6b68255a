import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId, operations } from '@tallystick/contracts';
import { verifyAccessToken } from '@tallystick/security';
import { ada, bob, carol, newSigningKey, runAuth, type RunningAuth } from './auth-service.ts';
import { Browser } from '@tallystick/pages/testing';
import { OperatorClient, WalletClient, type TokenAnswer } from './client.ts';
import { readKeyTopic, type KeyReader } from './key-reader.ts';

/** Longest time until every service refuses a revoked token. */
const HEARD_WITHIN_MS = 2_000;
const SCOPE = 'openid offline_access accounts:read payments:write consents:read consents:write';

let auth: RunningAuth;
/** Another service, which knows auth only from the key topic. */
let service: KeyReader;
let operator: OperatorClient;
let client: WalletClient;
beforeAll(async () => {
  auth = await runAuth();
  service = await readKeyTopic(auth);
  operator = await OperatorClient.create(auth, 'clients:disable customers:disable sessions:end');
});
afterAll(async () => {
  await service.stop();
  await auth.stop();
});
beforeEach(async () => {
  client = new WalletClient(auth.url, await newSigningKey());
});

const verified = (token: string): Promise<string> =>
  verifyAccessToken(token, { keyring: service.keyring, issuer: auth.url, atMs: Date.now() }).then(
    ({ subject }) => subject,
    (error: { code: string }) => error.code,
  );

/** Returns the answer of another service to a token, once it is not taken any more or the time is over. */
async function answerAfterRevocation(token: string): Promise<string> {
  const endMs = performance.now() + HEARD_WITHIN_MS;
  for (;;) {
    const answer = await verified(token);
    if (answer.startsWith('token.') || performance.now() > endMs) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Returns the subject of the first token that is taken. Those of the next seconds are not: a clock may be ahead. */
async function firstTaken(issue: () => Promise<TokenAnswer>): Promise<string> {
  const endMs = performance.now() + 10_000;
  for (;;) {
    const answer = await verified((await issue()).access_token!);
    if (answer.startsWith('usr_') || performance.now() > endMs) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function signedIn(scope = SCOPE, browser = new Browser(), of = client): Promise<TokenAnswer> {
  const tokens = await of.exchange(await of.code({ scope }, browser));
  expect(await verified(tokens.access_token!)).toMatch(/^usr_/);
  return tokens;
}

describe('an access token is refused by every service within two seconds', () => {
  test('after the customer withdrew the consent, and other consents stay', async () => {
    const [tokens, kept] = [await signedIn(), await signedIn(SCOPE, new Browser(), await walletOf(bob))];
    const own = new OperatorClient(auth, client.key, tokens.access_token!);
    const { body } = await own.call('GET', '/v1/consents');
    const [consent] = (body as { consents: { consentId: string; scopes: string[] }[] }).consents;
    expect(consent).toMatchObject({ clientId: 'wallet', scopes: expect.arrayContaining(['accounts:read']) });
    const withdrawn = await own.call('DELETE', `/v1/consents/${consent!.consentId}`);
    expect(withdrawn).toMatchObject({ status: 200, body: { consentId: consent!.consentId } });
    expect(await answerAfterRevocation(tokens.access_token!)).toBe('token.revoked');
    expect((await client.refresh(tokens.refresh_token)).error).toBe('invalid_grant');
    expect(await verified(kept.access_token!)).toBe(bob.id);
  });

  test('after its client revoked the refresh token (RFC 7009)', async () => {
    const tokens = await signedIn();
    expect(await client.revoke(tokens.refresh_token!)).toBe(200);
    expect(await answerAfterRevocation(tokens.access_token!)).toBe('token.revoked');
  });

  test('after a stolen code was used again', async () => {
    const code = await client.code();
    const tokens = await client.exchange(code);
    expect((await client.exchange(code)).error).toBe('invalid_grant');
    expect(await answerAfterRevocation(tokens.access_token!)).toBe('token.revoked');
  });

  test('after its session ended', async () => {
    const browser = new Browser();
    const tokens = await signedIn('openid accounts:read', browser);
    await signOut(browser);
    expect(await answerAfterRevocation(tokens.access_token!)).toBe('token.revoked');
  });

  test('but not after its session ended, if the customer allowed it offline_access', async () => {
    const browser = new Browser();
    const offline = await signedIn(SCOPE, browser);
    await signOut(browser);
    const last = await signedIn();
    await client.revoke(last.refresh_token!);
    // Revocations are heard in their order.
    expect(await answerAfterRevocation(last.access_token!)).toBe('token.revoked');
    expect(await verified(offline.access_token!)).toBe(ada.id);
  });

  test('after an operator disabled its customer, who cannot sign in until enabled', async () => {
    const carols = await walletOf(carol);
    const tokens = await signedIn(SCOPE, new Browser(), carols);
    const path = `/v1/customers/${carol.id}`;
    expect(await operator.call('POST', `${path}/disablement`, {})).toMatchObject({
      status: 201,
      body: { customerId: carol.id, disabledAt: expect.any(String) },
    });
    expect(await answerAfterRevocation(tokens.access_token!)).toBe('token.revoked');
    expect((await carols.refresh(tokens.refresh_token)).error).toBe('invalid_grant');
    await expect(carols.code()).rejects.toThrow();
    const enabled = await operator.call('POST', `${path}/enablement`, {});
    expect(enabled).toEqual({ status: 201, body: { customerId: carol.id } });
    expect(await firstTaken(async () => carols.exchange(await carols.code()))).toBe(carol.id);
  });

  test('after an operator ended the sessions of its customer', async () => {
    const bobs = await walletOf(bob);
    const tokens = await signedIn(SCOPE, new Browser(), bobs);
    expect((await operator.call('POST', `/v1/customers/${bob.id}/sessions/end`, {})).status).toBe(201);
    expect(await answerAfterRevocation(tokens.access_token!)).toBe('token.revoked');
    expect((await bobs.refresh(tokens.refresh_token)).error).toBe('invalid_grant');
    expect(await firstTaken(async () => bobs.exchange(await bobs.code()))).toBe(bob.id);
  });

  test('after an operator disabled its client, which gets no new tokens until enabled', async () => {
    const tokens = await signedIn();
    expect((await operator.call('POST', '/v1/clients/wallet/disablement', {})).status).toBe(201);
    expect(await answerAfterRevocation(tokens.access_token!)).toBe('token.revoked');
    expect((await client.refresh(tokens.refresh_token)).error).toBe('invalid_client');
    expect((await operator.call('POST', '/v1/clients/wallet/enablement', {})).status).toBe(201);
    let { refresh_token: token } = tokens;
    const refreshed = await firstTaken(async () => {
      const next = await client.refresh(token);
      token = next.refresh_token;
      return next;
    });
    expect(refreshed).toBe(ada.id);
  });

  test('even if auth is down afterwards, and by a service that starts only then', async () => {
    const tokens = await signedIn();
    await client.revoke(tokens.refresh_token!);
    expect(await answerAfterRevocation(tokens.access_token!)).toBe('token.revoked');
    await auth.halt();
    const late = await readKeyTopic(auth);
    try {
      const checked = verifyAccessToken(tokens.access_token!, {
        keyring: late.keyring,
        issuer: auth.url,
        atMs: Date.now(),
      });
      await expect(checked).rejects.toMatchObject({ code: 'token.revoked' });
    } finally {
      await late.stop();
      await auth.restart();
    }
  });
});

describe('the operations that end access', () => {
  test.each([
    ['/v1/clients/nobody/disablement', 'resource.not_found'],
    [`/v1/customers/${newId('usr')}/disablement`, 'resource.not_found'],
  ])('answer 404 for an unknown party: %s', async (path, code) => {
    expect(await operator.call('POST', path, {})).toMatchObject({ status: 404, body: { code } });
  });

  test.each([
    operations.clientDisable,
    operations.clientEnable,
    operations.customerDisable,
    operations.customerEnable,
    operations.sessionsEnd,
  ])('need a scope of their own: $id', async ({ path }) => {
    const reader = await OperatorClient.create(auth, 'ledger:read');
    const filled = path.replace('{clientId}', 'wallet').replace('{customerId}', ada.id);
    expect(await reader.call('POST', filled, {})).toMatchObject({
      status: 403,
      body: { code: 'token.scope_insufficient' },
    });
  });

  test('show and withdraw no consent of another customer', async () => {
    const [anns, bobs] = [await signedIn(), await walletOf(bob)];
    const own = new OperatorClient(auth, client.key, anns.access_token!);
    const { body } = await own.call('GET', '/v1/consents');
    const [{ consentId }] = (body as { consents: [{ consentId: string }] }).consents;
    const theirs = new OperatorClient(
      auth,
      bobs.key,
      (await signedIn(SCOPE, new Browser(), bobs)).access_token!,
    );
    expect(await theirs.call('DELETE', `/v1/consents/${consentId}`)).toMatchObject({ status: 404 });
    expect(await verified(anns.access_token!)).toBe(ada.id);
  });
});

async function signOut(browser: Browser): Promise<void> {
  const page = await browser.open(new URL('/oauth/logout', auth.url));
  await browser.submit(page, '/oauth/logout/confirm', { logout: 'yes' });
}

async function walletOf(customer: { email: string; password: string }): Promise<WalletClient> {
  return new WalletClient(auth.url, await newSigningKey(), customer);
}
