import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { operations } from '@tallystick/contracts';
import { clientMetadata } from '../src/domain/client-metadata.ts';
import { newSigningKey, runAuth, wallet, WALLET_CALLBACK, type RunningAuth } from './auth-service.ts';
import { OperatorClient, proofFor, WalletClient } from './client.ts';
import { readKeyTopic, type KeyReader } from './key-reader.ts';

const WALLET = 'https://wallet.example';
const KIOSK = 'https://kiosk.example';
const NOBODY = 'https://evil.example';
/** Longest time until every service knows a change of the origins. */
const HEARD_WITHIN_MS = 5_000;

let auth: RunningAuth;
/** Another service, which knows auth only from the key topic. */
let service: KeyReader;
let operator: OperatorClient;
let client: WalletClient;

beforeAll(async () => {
  auth = await runAuth();
  service = await readKeyTopic(auth);
  operator = await OperatorClient.create(auth, 'clients:disable customers:disable sessions:end');
  client = new WalletClient(auth.url, await newSigningKey());
});
afterAll(async () => {
  await service.stop();
  await auth.stop();
});

const corsOf = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

const preflight = (path: string, origin: string): Promise<Response> =>
  fetch(auth.url + path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,dpop,x-anything',
    },
  });

async function exchange(origin: string): Promise<Response> {
  const body = new URLSearchParams({
    client_id: 'wallet',
    grant_type: 'authorization_code',
    code: await client.code(),
    redirect_uri: WALLET_CALLBACK,
    code_verifier: client.verifier,
  });
  const headers = { dpop: await proofFor(client.key, auth.url), origin };
  return fetch(`${auth.url}/oauth/token`, { method: 'POST', body, headers });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + HEARD_WITHIN_MS;
  while (!(await condition())) {
    if (performance.now() > endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

describe('a script of an origin that its client registered', () => {
  test.each([
    '/oauth/token',
    '/oauth/par',
    '/oauth/revoke',
    '/oauth/introspect',
    operations.consentList.path,
  ])('may call %s', async (path) => {
    const answer = await preflight(path, WALLET);
    expect(answer.status).toBe(204);
    expect(corsOf(answer)).toMatchObject({
      'access-control-allow-origin': WALLET,
      'access-control-allow-headers': expect.stringMatching(/^Authorization, .*\bDPoP\b/),
    });
    expect(corsOf(answer)['access-control-allow-headers']).not.toContain('x-anything');
    expect(corsOf(answer)).not.toHaveProperty('access-control-allow-credentials');
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  test('reads its tokens', async () => {
    const answer = await exchange(WALLET);
    expect(answer.status).toBe(200);
    expect(corsOf(answer)).toEqual({
      'access-control-allow-origin': WALLET,
      'access-control-expose-headers': expect.stringContaining('WWW-Authenticate'),
    });
  });

  test.each(['/oauth/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
    'reads %s',
    async (path) => {
      const answer = await fetch(auth.url + path, { headers: { origin: WALLET } });
      expect(corsOf(answer)).toMatchObject({ 'access-control-allow-origin': WALLET });
    },
  );

  test('may not read a page of a person', async () => {
    const answer = await fetch(client.authorizeUrl(), { headers: { origin: WALLET }, redirect: 'manual' });
    expect(corsOf(answer)).toEqual({});
  });
});

describe('a script of an origin that another client registered', () => {
  test('gets no tokens of this client', async () => {
    const answer = await exchange(KIOSK);
    expect([answer.status, corsOf(answer)]).toEqual([400, {}]);
  });
});

describe('a script of an origin that no client registered', () => {
  test('gets no tokens', async () => {
    const answer = await exchange(NOBODY);
    expect([answer.status, corsOf(answer)]).toEqual([400, {}]);
  });

  test.each(['/oauth/token', '/oauth/par', '/oauth/jwks', '/.well-known/openid-configuration'])(
    'has no header of CORS from %s',
    async (path) => {
      expect(corsOf(await preflight(path, NOBODY))).toEqual({});
      expect(corsOf(await fetch(auth.url + path, { headers: { origin: NOBODY } }))).toEqual({});
      expect(corsOf(await fetch(auth.url + path))).toEqual({});
    },
  );
});

describe('the origins of a client', () => {
  test('are known to every service from the key topic', () => {
    expect([WALLET, KIOSK, NOBODY].map((origin) => service.keyring.allowsOrigin(origin))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('end with the client, and return with it', async () => {
    const path = '/v1/clients/kiosk/disablement';
    expect((await operator.call('POST', path, {})).status).toBe(201);
    expect(await until(() => !service.keyring.allowsOrigin(KIOSK))).toBe(true);
    const isClosed = async () => Object.keys(corsOf(await preflight('/oauth/token', KIOSK))).length === 0;
    expect(await until(isClosed)).toBe(true);
    expect(service.keyring.allowsOrigin(WALLET)).toBe(true);
    expect((await operator.call('POST', '/v1/clients/kiosk/enablement', {})).status).toBe(201);
    expect(await until(() => service.keyring.allowsOrigin(KIOSK))).toBe(true);
  });

  test('stay known while auth is down', async () => {
    await auth.halt();
    const started = await readKeyTopic(auth);
    try {
      expect([WALLET, NOBODY].map((origin) => started.keyring.allowsOrigin(origin))).toEqual([true, false]);
    } finally {
      await started.stop();
      await auth.restart();
    }
  });
});

describe('client metadata', () => {
  test.each([
    'https://app.example',
    'https://app.example:8443',
    'http://localhost:5173',
    'http://127.0.0.1',
    'http://[::1]:8080',
  ])('may register the origin %s', (origin) => {
    expect(clientMetadata.safeParse({ ...wallet, allowed_origins: [origin] }).success).toBe(true);
  });

  test.each([
    'http://app.example',
    'https://*.app.example',
    'https://app.example/',
    'https://app.example:443',
    'https://APP.example',
    'https://user@app.example',
    'app.example',
    'file:///app',
    'null',
    '*',
    '',
  ])('may not register %p', (origin) => {
    const refused = clientMetadata.safeParse({ ...wallet, allowed_origins: [origin] });
    expect(refused.error?.issues.map(({ path }) => path.join('/'))).toEqual(['allowed_origins/0']);
  });
});
