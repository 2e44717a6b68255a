import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CodedError, newId, operations } from '@tallystick/contracts';
import { createPool, transaction, type Transaction } from '@tallystick/postgres';
import { makeProof, verifyEvidence } from '@tallystick/security';

import { attempt, inTurn, type Edge, type WriteRequest } from '../src/index.ts';
import {
  client,
  issuer,
  newKey,
  publicUrl,
  startEdgeWorld,
  type Answer,
  type Call,
  type EdgeWorld,
} from './edge-world.ts';

let world: EdgeWorld;
let edge: Edge<undefined>;
let call: (call: Call) => Promise<Answer>;
/** Number of calls of the transfer handler, by amount. */
const ran = new Map<bigint, number>();
/** Work of the transfer handler before its answer, by amount. */
const meanwhile = new Map<bigint, () => Promise<void>>();

const { transferPost, accountOpen, accountGet, entryList, mandateWithdraw, createPayment, getPayment } =
  operations;
const openedAt = '2026-11-24T12:00:00Z';
const accountOf = (accountId: string, ownerId: string) => ({
  accountId,
  ownerId,
  kind: 'customer' as const,
  currency: 'EUR' as const,
  status: 'open' as const,
  postedMinor: 0n,
  pendingMinor: 0n,
  availableMinor: 0n,
  openedAt,
});

beforeAll(async () => {
  world = await startEdgeWorld();
  await world.pool.query('CREATE TABLE moved (transfer_id text, amount bigint)');
  edge = world.newEdge();
  edge.read(accountGet, async ({ params, subject }) => ({ body: accountOf(params.accountId, subject) }));
  edge.read(entryList, async () => ({ body: { entries: [] } }));
  edge.write(accountOpen, openAccounts);
  edge.write(mandateWithdraw, (requests) => requests.map(() => new CodedError('resource.not_found')));
  edge.write(transferPost, (requests, tx) =>
    inTurn(requests, (request) => attempt(tx, () => move(request, tx))),
  );
  edge.write(
    createPayment,
    (requests) =>
      requests.map(({ body, waitMs }) => ({
        status: 202,
        body: paymentOf(body as never, 'requested'),
        headers: { 'x-wait': String(waitMs) },
        location: { operation: getPayment, params: { paymentId: newId('pay') } },
      })),
    async (reply, { waitMs }) =>
      waitMs === 0 ? reply : { status: 201, body: { ...reply.body, status: 'captured' as const } },
  );
  call = client(world, await edge.listen(0));
});
afterAll(async () => {
  await edge.close();
  await world.stop();
});

const openAccounts = (requests: readonly { subject: string }[]) =>
  requests.map(({ subject }) => ({ body: accountOf(newId('acc'), subject) }));

async function move({ body, evidence }: WriteRequest<typeof transferPost>, tx: Transaction) {
  const transferId = newId('trf');
  ran.set(body.amountMinor, (ran.get(body.amountMinor) ?? 0) + 1);
  await tx.query('INSERT INTO moved VALUES ($1, $2)', [transferId, body.amountMinor]);
  await meanwhile.get(body.amountMinor)?.();
  const proved = await verifyEvidence(evidence(), {
    keyring: world.keyring,
    nowMs: Date.now(),
    topicPrefix: '',
    issuer,
    publicUrls: { account: publicUrl },
  });
  if (proved.kind !== 'request') throw new Error('the evidence is not that of a request');
  return { body: { transferId, ...body, postedAt: openedAt } };
}

const order = {
  source: { kind: 'account', accountId: newId('acc') },
  payee: { kind: 'account', accountId: newId('acc') },
  amountMinor: 500,
  currency: 'EUR',
  endToEndId: 'INVOICE-1',
};
const paymentOf = (
  body: { source: { kind: 'account'; accountId: string }; payee: { kind: 'account'; accountId: string } },
  status: 'requested',
) => ({
  paymentId: newId('pay'),
  endToEndId: 'INVOICE-1',
  source: body.source,
  payee: body.payee,
  amountMinor: 500n,
  currency: 'EUR' as const,
  capture: 'automatic' as const,
  status,
  capturedMinor: 0n,
  refundedMinor: 0n,
  createdAt: openedAt,
  updatedAt: openedAt,
});

let amounts = 1_000;
/** Builds a transfer of a unique amount, with its own idempotency key. */
function transfer(
  changes: Partial<Call> = {},
): Call & { body: { amountMinor: number }; headers: Record<string, string> } {
  amounts += 1;
  const body = {
    debitAccountId: newId('acc'),
    creditAccountId: newId('acc'),
    amountMinor: amounts,
    currency: 'EUR',
  };
  return {
    path: transferPost.path,
    body,
    ...changes,
    headers: { 'idempotency-key': randomUUID(), ...changes.headers },
  } as never;
}
const timesRan = ({ body }: { body: { amountMinor: number } }) => ran.get(BigInt(body.amountMinor)) ?? 0;
const timesMoved = async ({ body }: { body: { amountMinor: number } }): Promise<number> =>
  (await world.pool.query('SELECT 1 FROM moved WHERE amount = $1', [body.amountMinor])).rows.length;

const accountPath = (): string => `/v1/accounts/${newId('acc')}`;

describe('the authentication of a caller', () => {
  test('succeeds with a token and its proof', async () => {
    const { status, body } = await call({ method: 'GET', path: accountPath() });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ownerId: 'usr_1', postedMinor: 0 });
  });

  test('allows reads but no money movements with a plain bearer token', async () => {
    const token = world.token({ cnf: undefined });
    expect(await call({ method: 'GET', path: accountPath(), token, proof: null })).toMatchObject({
      status: 200,
    });
    const asked = transfer({ token, proof: null });
    expect(await call(asked)).toMatchObject({ status: 401, body: { code: 'dpop.missing' } });
    expect(timesRan(asked)).toBe(0);
  });

  test.each([
    ['no token', { token: '', proof: null }, 'token.missing'],
    ['a token that is noise', { token: 'noise' }, 'token.invalid'],
    ['another scheme', { headers: { authorization: 'Basic YTpi' } }, 'token.invalid'],
    ['a bound token as a bearer token', { proof: null }, 'dpop.missing'],
  ])('refuses %s', async (_name, changes, code) => {
    const answer = await call({ method: 'GET', path: accountPath(), ...changes });
    expect(answer).toMatchObject({ status: 401, body: { code } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP/);
  });

  test('refuses a token that has expired, is from another issuer or lacks the scope', async () => {
    const read = (token: string) => call({ method: 'GET', path: accountPath(), token });
    expect(await read(world.token({ exp: 1_700_000_000 }))).toMatchObject({
      status: 401,
      body: { code: 'token.expired' },
    });
    expect(await read(world.token({ iss: 'https://evil.example' }))).toMatchObject({
      body: { code: 'token.invalid' },
    });
    expect(await read(world.token({ scope: 'payments:write' }))).toMatchObject({
      status: 403,
      body: { code: 'token.scope_insufficient' },
    });
  });
});

describe('a DPoP proof', () => {
  test.each([
    ['another method', { method: 'DELETE' }],
    ['another URL', { url: `${publicUrl}/v1/mandates` }],
    ['another token', { accessToken: 'another.access.token' }],
    ['a time long past', { nowMs: Date.now() - 120_000 }],
  ])('is refused for %s', async (_name, proof) => {
    const asked = transfer({ proof });
    expect(await call(asked)).toMatchObject({ status: 401, body: { code: 'dpop.invalid' } });
    expect(timesRan(asked)).toBe(0);
  });

  test('is refused by a key that the token is not bound to', async () => {
    expect(await call(transfer({ proofKey: await newKey() }))).toMatchObject({
      body: { code: 'dpop.invalid' },
    });
  });

  test('is refused for another body, so that the body cannot be changed in transit', async () => {
    const asked = transfer({ proof: { body: '{}' } });
    expect(await call(asked)).toMatchObject({ status: 401, body: { code: 'dpop.digest_mismatch' } });
    expect(timesRan(asked)).toBe(0);
  });

  test('is accepted once', async () => {
    const asked = transfer();
    const token = world.token();
    const proof = await makeProof(world.wallet, {
      method: 'POST',
      url: publicUrl + transferPost.path,
      accessToken: token,
      body: JSON.stringify(asked.body),
      nowMs: Date.now(),
    });
    const withProof = () =>
      call({ ...asked, token, headers: { 'idempotency-key': randomUUID(), dpop: proof } });
    expect(await withProof()).toMatchObject({ status: 201 });
    expect(await withProof()).toMatchObject({ status: 401, body: { code: 'dpop.replayed' } });
    expect(await timesMoved(asked)).toBe(1);
  });
});

describe('an Idempotency-Key', () => {
  test('returns the first answer to a repeated request, which is carried out once', async () => {
    const asked = transfer();
    const [first, second] = [await call(asked), await call(asked)];
    expect(first.status).toBe(201);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect([timesRan(asked), await timesMoved(asked)]).toEqual([1, 1]);
  });

  test('is refused with another body, or for another operation', async () => {
    const asked = transfer();
    await call(asked);
    const other = { ...asked, body: { ...asked.body, amountMinor: 1 } };
    expect(await call(other)).toMatchObject({ status: 422, body: { code: 'idempotency.key_reused' } });
    const elsewhere = { path: accountOpen.path, body: { currency: 'EUR' }, headers: asked.headers };
    expect(await call(elsewhere)).toMatchObject({ status: 422 });
  });

  test('is refused while its first request is in progress', async () => {
    const asked = transfer();
    let finish: () => void = () => {};
    const running = new Promise<void>((started) => {
      meanwhile.set(BigInt(asked.body.amountMinor), () => {
        started();
        return new Promise((resolve) => (finish = resolve));
      });
    });
    const first = call(asked);
    await running;
    expect(await call(asked)).toMatchObject({ status: 409, body: { code: 'idempotency.in_progress' } });
    finish();
    expect((await first).status).toBe(201);
    expect(await timesMoved(asked)).toBe(1);
  });

  test('of a refused request is free, and so is its proof', async () => {
    const asked = transfer();
    const token = world.token();
    const proof = await makeProof(world.wallet, {
      method: 'POST',
      url: publicUrl + transferPost.path,
      accessToken: token,
      body: JSON.stringify(asked.body),
      nowMs: Date.now(),
    });
    const again = () => call({ ...asked, token, headers: { ...asked.headers, dpop: proof } });
    meanwhile.set(BigInt(asked.body.amountMinor), () =>
      Promise.reject(new CodedError('ledger.insufficient_funds')),
    );
    expect(await again()).toMatchObject({ status: 409, body: { code: 'ledger.insufficient_funds' } });
    meanwhile.delete(BigInt(asked.body.amountMinor));
    expect(await again()).toMatchObject({ status: 201 });
    expect(await again()).toMatchObject({ status: 401, body: { code: 'dpop.replayed' } });
  });

  test('carries out one of many concurrent requests', async () => {
    const asked = transfer();
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(asked)));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    expect(await timesMoved(asked)).toBe(1);
  });

  test('is free again if its request failed, without a trace of the request', async () => {
    const asked = transfer();
    let failures = 0;
    meanwhile.set(BigInt(asked.body.amountMinor), async () => {
      failures += 1;
      if (failures === 1) throw new CodedError('ledger.insufficient_funds');
    });
    expect(await call(asked)).toMatchObject({ status: 409, body: { code: 'ledger.insufficient_funds' } });
    expect(await timesMoved(asked)).toBe(0);
    expect(await call(asked)).toMatchObject({ status: 201 });
    expect(await timesMoved(asked)).toBe(1);
  });

  test('belongs to its subject: another customer may use the same key', async () => {
    const asked = transfer();
    await call(asked);
    const theirs = { ...asked, token: world.token({ sub: 'usr_2' }) };
    expect(await call(theirs)).toMatchObject({ status: 201 });
    expect(timesRan(asked)).toBe(2);
  });

  test('is required, and must be visible ASCII', async () => {
    const { headers: _headers, ...without } = transfer();
    expect(await call(without)).toMatchObject({ status: 400, body: { code: 'idempotency.key_missing' } });
    expect(await call(transfer({ headers: { 'idempotency-key': 'a b' } }))).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/header/Idempotency-Key' }] },
    });
  });
});

describe('a problem document (RFC 9457)', () => {
  test('has its media type, code, status and the path of each fault, and no value', async () => {
    const body = {
      debitAccountId: 'secret-1',
      creditAccountId: newId('acc'),
      amountMinor: 0,
      note: 'secret-2',
    };
    const answer = await call({ ...transfer(), body });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      type: 'urn:tallystick:error:request.invalid',
      title: expect.any(String),
      status: 400,
      code: 'request.invalid',
    });
    expect(answer.body.errors?.map(({ path }) => path).toSorted()).toEqual([
      '/body',
      '/body/amountMinor',
      '/body/currency',
      '/body/debitAccountId',
    ]);
    expect(JSON.stringify(answer.body)).not.toMatch(/secret-[12]|    at /);
  });

  test('reports faults of the path and of the query', async () => {
    const path = await call({ method: 'GET', path: '/v1/accounts/mine' });
    expect(path.body.errors?.map((fault) => fault.path)).toEqual(['/path/accountId']);
    const query = await call({
      method: 'GET',
      path: `${accountPath()}/entries?limit=0&colour=red`,
    });
    expect(query.body.errors?.map((fault) => fault.path).toSorted()).toEqual(['/query', '/query/limit']);
  });

  test.each([
    ['a path that is not served', { method: 'GET', path: '/v1/nothing' }, 404, 'route.not_found'],
    [
      'a method that is not served',
      { method: 'PUT', path: '/v1/transfers', body: {} },
      404,
      'route.not_found',
    ],
    [
      'a path that is not well formed',
      { method: 'GET', path: '/v1/accounts/%E0%A4%A' },
      400,
      'request.invalid',
    ],
    ['a body that is not JSON', { ...transfer(), body: '{"a":' }, 400, 'request.not_json'],
    [
      'a body nested too deep',
      { ...transfer(), body: '['.repeat(50) + ']'.repeat(50) },
      400,
      'request.not_json',
    ],
    ['a body with __proto__', { ...transfer(), body: '{"__proto__":{}}' }, 400, 'request.not_json'],
    [
      'a body that is too large',
      { ...transfer(), body: `"${'a'.repeat(40_000)}"` },
      413,
      'request.too_large',
    ],
  ])('answers %s', async (_name, asked, status, code) => {
    expect(await call(asked as Call)).toMatchObject({ status, body: { status, code } });
  });

  test('answers a body of another media type', async () => {
    const asked = transfer({ headers: { 'content-type': 'text/xml' } });
    expect(await call(asked)).toMatchObject({ status: 415, body: { code: 'request.media_type' } });
  });

  test('has the code with which a handler refuses', async () => {
    const path = `/v1/mandates/${newId('mdt')}`;
    expect(await call({ method: 'DELETE', path })).toMatchObject({
      status: 404,
      body: { code: 'resource.not_found' },
    });
  });

  test('does not describe an internal error', async () => {
    const asked = transfer();
    meanwhile.set(BigInt(asked.body.amountMinor), () => Promise.reject(new Error('password=hunter2')));
    const answer = await call(asked);
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  });
});

describe('an earlier version of an operation', () => {
  const { payee, ...terms } = order;
  const orderV1 = { ...terms, payeeAccountId: payee.accountId };
  const v1 = createPayment.versions[1]!;
  const pay = (path: string, body: object, key: string = randomUUID()) =>
    call({ path, body, headers: { 'idempotency-key': key } });

  test('is lifted for the handler, and answered in its own form', async () => {
    const answer = await pay(v1.path, orderV1);
    expect(answer).toMatchObject({ status: 202, body: { payeeAccountId: payee.accountId } });
    expect(answer.body).not.toHaveProperty('payee');
    expect(answer.headers.get('location')).toMatch(/^\/v1\/payments\/pay_/);
    const newest = await pay(createPayment.path, order);
    expect(newest).toMatchObject({ status: 202, body: { payee } });
    expect(newest.headers.get('location')).toMatch(/^\/v2\/payments\/pay_/);
  });

  test('has headers with its deprecation date, sunset and successor, unlike the newest version', async () => {
    const { headers } = await pay(v1.path, orderV1);
    expect(headers.get('deprecation')).toBe(`@${Date.parse(v1.deprecated!.since) / 1_000}`);
    expect(headers.get('sunset')).toBe(new Date(v1.deprecated!.sunset).toUTCString());
    expect(headers.get('link')).toBe('</v2/payments>; rel="successor-version"');
    expect((await pay(createPayment.path, order)).headers.get('deprecation')).toBeNull();
  });

  test('accepts only its own form', async () => {
    expect(await pay(v1.path, order)).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect(await pay(createPayment.path, orderV1)).toMatchObject({
      status: 400,
      body: { code: 'request.invalid' },
    });
  });

  test('is a different request from one of the newest version under the same Idempotency-Key', async () => {
    const key = randomUUID();
    const first = await pay(v1.path, orderV1, key);
    expect(await pay(createPayment.path, order, key)).toMatchObject({ status: 422 });
    expect((await pay(v1.path, orderV1, key)).body).toEqual(first.body);
  });

  test('is refused from its sunset on', async () => {
    const nowMs = Date.parse(v1.deprecated!.sunset);
    const later = world.newEdge({ nowMs: () => nowMs });
    later.write(createPayment, () => []);
    const answer = await fetch(`http://127.0.0.1:${await later.listen(0)}${v1.path}`, { method: 'POST' });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 410,
      body: { code: 'interface.retired', detail: 'use /v2/payments' },
    });
    await later.close();
  });
});

describe('Prefer: wait (RFC 7240)', () => {
  const pay = (prefer?: string) =>
    call({
      path: createPayment.path,
      body: order,
      headers: { 'idempotency-key': randomUUID(), ...(prefer === undefined ? {} : { prefer }) },
    });

  test('is optional: without it the answer is an immediate 202', async () => {
    expect(await pay()).toMatchObject({ status: 202, body: { status: 'requested' } });
  });

  test('waits for the outcome, and a repeated request gets the fuller answer', async () => {
    const headers = { 'idempotency-key': randomUUID(), prefer: 'respond-async, wait=5' };
    const asked = { path: createPayment.path, body: order, headers };
    const first = await call(asked);
    expect(first).toMatchObject({ status: 201, body: { status: 'captured' } });
    expect((await call(asked)).body).toEqual(first.body);
  });

  test('is refused if it is not a number', async () => {
    expect(await pay('wait=soon')).toMatchObject({
      status: 400,
      body: { errors: [{ path: '/header/Prefer' }] },
    });
  });
});

describe('writes that arrive while others run', () => {
  test('share a transaction and get separate answers', async () => {
    const clients = 40;
    let transactions = 0;
    const arrivedAtMs: number[] = [];
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    const gathering = world.newEdge({
      transact: async (work) => {
        transactions += 1;
        await gate;
        return transaction(world.pool, (tx) => work(tx, undefined));
      },
      nowMs: () => {
        arrivedAtMs.push(Date.now());
        return Date.now();
      },
    });
    gathering.write(accountOpen, openAccounts);
    gathering.read(accountGet, async ({ params, subject }) => ({
      body: accountOf(params.accountId, subject),
    }));
    const ask = client(world, await gathering.listen(0));
    const subjects = Array.from({ length: clients }, (_, at) => `usr_${at}`);
    const answers = subjects.map((sub) =>
      ask({
        path: accountOpen.path,
        body: { currency: sub === 'usr_7' ? 'no currency' : 'EUR' },
        headers: { 'idempotency-key': randomUUID() },
        token: world.token({ sub }),
      }),
    );
    while (arrivedAtMs.length < clients) await new Promise((wake) => setImmediate(wake));
    // Reads do not wait for writes.
    expect(await ask({ method: 'GET', path: accountPath() })).toMatchObject({ status: 200 });
    go();
    const answered = (await Promise.all(answers)).map(({ body }) => body.code ?? body['ownerId']);
    expect(answered).toEqual(subjects.map((sub) => (sub === 'usr_7' ? 'request.invalid' : sub)));
    expect(transactions).toBeLessThan(clients / 2);
    await gathering.close();
  });
});

describe('responses', () => {
  test('forbid caching and name no software', async () => {
    const { headers } = await call({ method: 'GET', path: accountPath() });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('an edge whose service has an operation without a handler', () => {
  test('does not listen and names the operation', async () => {
    const incomplete = world.newEdge({
      service: 'account',
      operations: [accountGet, accountOpen, createPayment],
    });
    incomplete.read(accountGet, async ({ params, subject }) => ({
      body: accountOf(params.accountId, subject),
    }));
    // It does not require handlers for operations of other services.
    await expect(incomplete.listen(0)).rejects.toThrow('operations without a handler: account.open');
  });
});

describe('an edge that stops', () => {
  /** Sends requests on one connection. */
  const connected = async (port: number) => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return async (): Promise<string> => {
      socket.write('GET /health/live HTTP/1.1\r\nHost: edge\r\n\r\n');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      return answer.toString('latin1');
    };
  };

  test('answers a request on a persistent connection and announces that it is the last', async () => {
    const ending = world.newEdge();
    const ask = await connected(await ending.listen(0));
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 (?:.|\r\n)*Connection: keep-alive/);
    const closed = ending.close();
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 (?:.|\r\n)*Connection: close/);
    await closed;
  });

  test('does not wait for clients of idle connections', async () => {
    const ending = world.newEdge();
    const ask = await connected(await ending.listen(0));
    await ask();
    const startedAtMs = performance.now();
    await ending.close();
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
  });
});

describe('limits and internal faults', () => {
  const serving = async (other: Edge<undefined>, use: (ask: typeof call, port: number) => Promise<void>) => {
    other.read(accountGet, async ({ params, subject }) => ({ body: accountOf(params.accountId, subject) }));
    other.write(accountOpen, openAccounts);
    const port = await other.listen(0);
    try {
      await use(client(world, port), port);
    } finally {
      await other.close();
    }
  };

  test('answers 429 to a client with too many requests', async () => {
    await serving(world.newEdge({ requestsPerSecondMax: 3 }), async (ask) => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => ask({ method: 'GET', path: accountPath() })),
      );
      const limited = answers.filter(({ status }) => status === 429);
      expect(limited.length).toBeGreaterThan(0);
      expect(limited[0]?.body.code).toBe('rate.limited');
      expect(Number(limited[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    });
  });

  test('counts clients behind one proxy separately', async () => {
    await serving(world.newEdge({ requestsPerSecondMax: 3 }), async (ask) => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          ask({ method: 'GET', path: accountPath(), headers: { 'x-forwarded-for': `203.0.113.${at}` } }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    });
  });

  test('answers 503 immediately at capacity, and accepts requests again below it', async () => {
    const pool = createPool({ url: world.databaseUrl, applicationName: 'test', maxConnections: 1 });
    const held = await pool.connect();
    // More requests wait for the only connection than the limit allows.
    const waiting = Array.from({ length: 101 }, () => pool.query('SELECT 1'));
    await serving(world.newEdge({ pool }), async (ask) => {
      const full = await ask({ method: 'GET', path: accountPath() });
      expect(full).toMatchObject({ status: 503, body: { code: 'service.unavailable' } });
      expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
      held.release();
      await Promise.all(waiting);
      expect(await ask({ method: 'GET', path: accountPath() })).toMatchObject({ status: 200 });
    });
    await pool.end();
  });

  test('is not ready on a read-only database', async () => {
    const readOnly = createPool({ url: world.databaseUrl, applicationName: 'test', maxConnections: 1 });
    await readOnly.query('SET default_transaction_read_only = on');
    await serving(world.newEdge({ pool: readOnly }), async (_ask, port) => {
      const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({
        status: 'not_ready',
        lacks: { database: 'failed with 25006' },
      });
    });
    await readOnly.end();
    await serving(world.newEdge(), async (_ask, port) => {
      expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
    });
  });

  test('is not ready for some seconds after work failed on a full disk, even if the probe succeeds', async () => {
    const pool = createPool({ url: world.databaseUrl, applicationName: 'test' });
    await serving(world.newEdge({ pool }), async (_ask, port) => {
      const ready = (): Promise<Response> => fetch(`http://127.0.0.1:${port}/health/ready`);
      const full = transaction(pool, (tx) =>
        tx.query("DO $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$"),
      );
      await expect(full).rejects.toThrow(/No space left/);
      const answer = await ready();
      expect({ status: answer.status, body: await answer.json() }).toEqual({
        status: 503,
        body: { status: 'not_ready', lacks: { database: 'failed with 53100' } },
      });
      while ((await ready()).status !== 200) await new Promise((wake) => setTimeout(wake, 100));
    });
    await pool.end();
  }, 20_000);

  test('is not ready while another dependency is missing, and names it', async () => {
    let lack: string | undefined = 'the brokers do not answer';
    await serving(world.newEdge({ needs: [{ part: 'kafka', failure: () => lack }] }), async (_ask, port) => {
      const ready = (): Promise<Response> => fetch(`http://127.0.0.1:${port}/health/ready`);
      const first = await ready();
      expect(first.status).toBe(503);
      expect(await first.json()).toEqual({
        status: 'not_ready',
        lacks: { kafka: 'the brokers do not answer' },
      });
      lack = undefined;
      while ((await ready()).status !== 200) await new Promise((wake) => setTimeout(wake, 20));
    });
  });

  test('is not ready on a hanging database, and the next probe queries again', async () => {
    const pool = createPool({ url: world.databaseUrl, applicationName: 'test', maxConnections: 1 });
    const locker = await world.pool.connect();
    await locker.query('BEGIN');
    await locker.query('LOCK TABLE readiness');
    await serving(world.newEdge({ pool }), async (_ask, port) => {
      const ready = (): Promise<Response> => fetch(`http://127.0.0.1:${port}/health/ready`);
      expect((await ready()).status).toBe(503);
      await locker.query('COMMIT');
      locker.release();
      while ((await ready()).status !== 200) await new Promise((wake) => setTimeout(wake, 20));
    });
    await pool.end();
  });

  test('is not ready without its database, and reports that', async () => {
    const away = createPool({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'test' });
    await serving(world.newEdge({ pool: away }), async (ask, port) => {
      const answer = await ask({
        path: accountOpen.path,
        body: { currency: 'EUR' },
        headers: { 'idempotency-key': randomUUID() },
      });
      expect(answer).toMatchObject({ status: 503, body: { code: 'service.unavailable' } });
      expect(answer.headers.get('retry-after')).not.toBeNull();
      expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(503);
      expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    });
    await away.end();
  });
});
