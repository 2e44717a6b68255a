import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { personScopes, powers } from '@tallystick/contracts';
import { createPool } from '@tallystick/postgres';
import { decodeJwt } from 'jose';
import { loadSeed } from '../src/app/seed.ts';
import { clientMetadata } from '../src/domain/client-metadata.ts';
import { ada, newSigningKey, olivia, runAuth, theo, type RunningAuth } from './auth-service.ts';
import { Browser } from '@tallystick/pages/testing';
import { OperatorClient, WalletClient } from './client.ts';
import { ConsoleClient } from './console-client.ts';

let auth: RunningAuth;
let client: ConsoleClient;
beforeAll(async () => {
  auth = await runAuth();
  client = new ConsoleClient(auth, await newSigningKey());
});
afterAll(() => auth.stop());

const everything = ['openid', ...personScopes(powers)].join(' ');

describe('the sign-in of an operator', () => {
  test('gives the scopes of the roles, without a consent page', async () => {
    const tokens = await client.signIn(olivia);
    expect(tokens.scope?.split(' ').toSorted()).toEqual(personScopes(olivia.roles).toSorted());
    expect(decodeJwt(tokens.access_token!)).toMatchObject({
      sub: olivia.id,
      client_id: 'console',
      name: olivia.name,
      roles: olivia.roles,
      sid: expect.any(String),
      cnf: { jkt: client.key.kid },
    });
  });

  test('gives a person with the role treasury only proposals and approvals', async () => {
    const { scope } = await client.signIn(theo);
    expect(scope?.split(' ').toSorted()).toEqual(['transfers:approve', 'transfers:propose']);
  });

  test('gives no more than was asked for', async () => {
    const { scope } = await client.signIn(olivia, { scope: 'openid audit:read transfers:approve' });
    expect(scope).toBe('audit:read');
  });

  test('refuses a customer, with the answer to a wrong password', async () => {
    const refused = await client.submit(new Browser(), ada);
    expect(refused.status).toBe(422);
    expect(refused.body).toContain('The e-mail address or the password is wrong.');
  });

  test('is refused at a client of customers, also with the session of an operator', async () => {
    const browser = new Browser();
    await client.signIn(olivia, {}, browser);
    const wallet = new WalletClient(auth.url, await newSigningKey());
    const page = await browser.open(wallet.authorizeUrl());
    expect(page.body).toContain('<h1>Sign in</h1>');
    const { email, password } = olivia;
    const refused = await browser.submit(page, page.url.pathname, { email, password });
    expect(refused.status).toBe(422);
  });

  test('does not take over the session of a customer in the same browser', async () => {
    const browser = new Browser();
    const wallet = new WalletClient(auth.url, await newSigningKey());
    await wallet.code({}, browser);
    const tokens = await client.signIn(olivia, {}, browser);
    expect(decodeJwt(tokens.access_token!).sub).toBe(olivia.id);
  });
});

describe('a scope of operators', () => {
  test('is refused to a customer’s client', async () => {
    const wallet = new WalletClient(auth.url, await newSigningKey());
    const { left } = await new Browser().open(wallet.authorizeUrl({ scope: 'openid audit:read' }));
    expect(left?.searchParams.get('error')).toBe('invalid_scope');
  });

  const metadata = {
    client_id: 'tool',
    signs_in: 'operators',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ kty: 'OKP' }] },
    grant_types: ['authorization_code'],
    redirect_uris: ['https://tool.example/callback'],
    scope: everything,
  };
  test('may be registered for a client that signs in operators', () => {
    expect(clientMetadata.safeParse(metadata).success).toBe(true);
  });
  test.each([
    ['a scope that customers grant', { scope: 'payments:write' }],
    ['access that outlives the session', { scope: 'openid offline_access audit:read' }],
    ['no authentication', { token_endpoint_auth_method: 'none' }],
    ['client credentials too', { grant_types: ['authorization_code', 'client_credentials'] }],
  ])('may not be registered for such a client with %s', (_name, changes) => {
    expect(clientMetadata.safeParse({ ...metadata, ...changes }).success).toBe(false);
  });
  test('may not be registered for a client of customers', () => {
    expect(clientMetadata.safeParse({ ...metadata, signs_in: 'customers' }).success).toBe(false);
  });
});

describe('a role', () => {
  test('that was taken away gives no scope at the next token', async () => {
    const tokens = await client.signIn(olivia);
    const pool = createPool({ url: auth.postgresUrl, applicationName: 'test' });
    try {
      await pool.query('UPDATE operator SET roles = $2 WHERE id = $1', [olivia.id, ['reader']]);
      const next = await client.refresh(tokens.refresh_token!);
      expect(next.scope?.split(' ').toSorted()).toEqual(personScopes(['reader']).toSorted());
      expect(decodeJwt(next.access_token!)).toMatchObject({ roles: ['reader'] });
    } finally {
      await pool.query('UPDATE operator SET roles = $2 WHERE id = $1', [olivia.id, olivia.roles]);
      await pool.end();
    }
  });

  test('of the seed must exist', async () => {
    await auth.replace({
      'other-seed.json': { operators: [{ ...olivia, roles: ['owner'] }] },
    });
    await expect(loadSeed(auth.fileOf('other-seed.json'))).rejects.toThrow('/operators/0/roles/0');
  });
});

describe('the end of an operator’s access', () => {
  const refusal = async (accessToken: string) => {
    const asOlivia = new OperatorClient(auth, client.key, accessToken);
    const { body } = await asOlivia.call('GET', '/v1/clients');
    return (body as { code?: string }).code;
  };
  const untilRefused = async (accessToken: string): Promise<string | undefined> => {
    const endMs = performance.now() + 2_000;
    let code = await refusal(accessToken);
    while (code === undefined && performance.now() < endMs) code = await refusal(accessToken);
    return code;
  };

  test('comes within two seconds when the operator is disabled, and a new sign-in is refused', async () => {
    const support = await OperatorClient.create(auth, 'operators:disable');
    const { access_token: token } = await client.signIn(olivia);
    expect(await refusal(token!)).toBeUndefined();
    const path = `/v1/operators/${olivia.id}/disablement`;
    expect((await support.call('POST', path)).status).toBe(201);
    expect(await untilRefused(token!)).toBe('token.revoked');
    expect((await client.submit(new Browser(), olivia)).status).toBe(422);
    expect((await support.call('POST', `/v1/operators/${olivia.id}/enablement`)).status).toBe(201);
  });

  test('comes within two seconds when the sessions are ended', async () => {
    const support = await OperatorClient.create(auth, 'sessions:end');
    const { access_token: token } = await client.signIn(theo, {}, new Browser());
    const ended = await support.call('POST', `/v1/operators/${theo.id}/sessions/end`);
    expect(ended.status).toBe(201);
    const asTheo = new OperatorClient(auth, client.key, token!);
    const endMs = performance.now() + 2_000;
    let code: string | undefined;
    do {
      const { body } = await asTheo.call('GET', '/v1/clients');
      ({ code } = body as { code?: string });
    } while (code !== 'token.revoked' && performance.now() < endMs);
    expect(code).toBe('token.revoked');
  });
});

describe('the list of clients', () => {
  test('has each with its people and scopes, page by page, and no key', async () => {
    const reader = await OperatorClient.create(auth, 'clients:read');
    const first = (await reader.call('GET', '/v1/clients?limit=1')).body as {
      clients: { clientId: string; signsIn?: string }[];
      nextCursor: string;
    };
    expect(first.clients).toEqual([
      { clientId: 'console', name: 'Console', signsIn: 'operators', scopes: everything.split(' ') },
    ]);
    const rest = (await reader.call('GET', `/v1/clients?cursor=${first.nextCursor}`)).body as typeof first;
    expect(rest.clients.map(({ clientId }) => clientId)).toEqual([
      'kiosk',
      'ops',
      'ops-2',
      'ops-reader',
      'ops-support',
      'wallet',
    ]);
    expect(rest.clients.find(({ clientId }) => clientId === 'ops')).not.toHaveProperty('signsIn');
    expect(rest).not.toHaveProperty('nextCursor');
  });
});
