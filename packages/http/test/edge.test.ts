import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { transaction } from '@tallystick/postgres';
import { client } from './edge-world.ts';
import {
  world,
  call,
  accountOf,
  openAccounts,
  order,
  accountPath,
  accountOpen,
  accountGet,
  createPayment,
} from './transfer-edge.ts';

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
    const key = randomUUID();
    const newest = await pay(createPayment.path, order, key);
    expect(newest).toMatchObject({ status: 202, body: { payee } });
    const location = newest.headers.get('location');
    expect(location).toMatch(/^\/v2\/payments\/pay_/);
    const repeated = await pay(createPayment.path, order, key);
    expect(repeated.headers.get('location')).toBe(location);
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

  test.each(['wait=soon', 'wait=', 'wait', 'wait=-1', 'wait=1.5', 'foo; wait=5', 'foo="a, wait=5"'])(
    'is ignored if it is not understood: %s (§2)',
    async (prefer) => {
      expect(await pay(prefer)).toMatchObject({ status: 202, body: { status: 'requested' } });
    },
  );

  test.each(['wait="10"', 'Wait = 10', 'wait=10; foo=1', 'foo="a,b", wait=10', 'wait=10, wait=soon'])(
    'waits as asked by %s',
    async (prefer) => {
      expect(await pay(prefer)).toMatchObject({ status: 201, body: { status: 'captured' } });
    },
  );
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
