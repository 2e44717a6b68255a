import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { newId } from '@tallystick/contracts';
import { createPool, transaction } from '@tallystick/postgres';
import { type Edge } from '../src/index.ts';
import { client } from './edge-world.ts';
import {
  world,
  call,
  accountOf,
  openAccounts,
  accountPath,
  accountOpen,
  accountGet,
} from './transfer-edge.ts';

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

  test('tells a client the rest of its limits', async () => {
    await serving(world.newEdge({ requestsPerSecondMax: 100 }), async (ask) => {
      const { headers } = await ask({ method: 'GET', path: accountPath() });
      expect(headers.get('ratelimit-policy')).toBe('"address";q=100;w=1, "subject";q=100;w=1');
      expect(headers.get('ratelimit')).toBe('"address";r=99;t=1, "subject";r=99;t=1');
    });
  });

  test('counts a subject once, from however many addresses it sends', async () => {
    const edge = world.newEdge({ requestsPerSecondMax: 3, trustedProxies: ['127.0.0.0/8'] });
    await serving(edge, async (ask) => {
      const statuses = async (token: () => string): Promise<number[]> =>
        Promise.all(
          Array.from({ length: 12 }, async (_, at) => {
            const headers = { 'x-forwarded-for': `203.0.113.${at}` };
            return (await ask({ method: 'GET', path: accountPath(), headers, token: token() })).status;
          }),
        );
      expect(await statuses(() => world.token())).toContain(429);
      expect(new Set(await statuses(() => world.token({ sub: newId('usr') })))).toEqual(new Set([200]));
    });
  });

  test('counts the addresses of an IPv6 /64 together, and those of two apart', async () => {
    const edge = world.newEdge({ requestsPerSecondMax: 3, trustedProxies: ['127.0.0.0/8'] });
    await serving(edge, async (ask) => {
      const statuses = async (address: (at: number) => string): Promise<number[]> =>
        Promise.all(
          Array.from({ length: 12 }, async (_, at) => {
            const headers = { 'x-forwarded-for': address(at) };
            const token = world.token({ sub: newId('usr') });
            return (await ask({ method: 'GET', path: accountPath(), headers, token })).status;
          }),
        );
      expect(await statuses((at) => `2001:db8:0:1::${at + 1}`)).toContain(429);
      expect(new Set(await statuses((at) => `2001:db8:1:${at}::1`))).toEqual(new Set([200]));
    });
  });

  test('believes no client about its address', async () => {
    await serving(world.newEdge({ requestsPerSecondMax: 3 }), async (ask) => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          ask({ method: 'GET', path: accountPath(), headers: { 'x-forwarded-for': `203.0.113.${at}` } }),
        ),
      );
      expect(answers.map(({ status }) => status)).toContain(429);
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

  test('ends the connection of a client that sends its request slowly', async () => {
    await serving(world.newEdge(), async (_ask, port) => {
      const socket = connect(port, '127.0.0.1');
      socket.write('GET /health/live HTTP/1.1\r\nHost: edge\r\n');
      const answer = (await once(socket, 'data')) as [Buffer];
      expect(String(answer[0])).toMatch(/^HTTP\/1\.1 408 /);
    });
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
