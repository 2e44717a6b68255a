import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import fc from 'fast-check';

import {
  createDatabase,
  createPool,
  isTransient,
  migrate,
  transaction,
  type Pool,
  type Statement,
  type Transaction,
} from '../src/index.ts';
import { fromEnvironment, openTestDatabase, type TestDatabase } from '../src/testing.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase();
  ({ pool } = database);
  await pool.query('CREATE TABLE row (id text PRIMARY KEY, amount bigint)');
});
afterAll(() => database.close());

const ids = async (): Promise<string[]> =>
  (await pool.query<{ id: string }>('SELECT id FROM row ORDER BY id')).rows.map(({ id }) => id);

describe('money', () => {
  test('arrives as bigint, also in arrays and past 2^53', async () => {
    const large = 9_223_372_036_854_775_807n;
    const { rows } = await pool.query<object>(
      'SELECT $1::int8 AS one, NULL::int8 AS none, ARRAY[$1, -1, NULL]::int8[] AS list',
      [large],
    );
    expect(rows).toEqual([{ one: large, none: null, list: [large, -1n, null] }]);
  });
});

describe('a point in time', () => {
  const at = async (text: string, zone = 'UTC'): Promise<unknown> =>
    transaction(pool, async (tx) => {
      await tx.query("SELECT set_config('TimeZone', $1, true)", [zone]);
      return (await tx.query<{ at: unknown }>('SELECT $1::timestamptz AS at', [text])).rows[0]!.at;
    });

  test('arrives to the millisecond in every time zone of the session', async () => {
    const times = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    const zones = fc.constantFrom('UTC', 'Asia/Kolkata', 'America/New_York');
    await fc.assert(
      fc.asyncProperty(times, zones, async (time, zone) => {
        expect(await at(time.toISOString(), zone)).toEqual(time);
      }),
      { numRuns: 300 },
    );
  });

  test('is truncated to milliseconds', async () => {
    expect(await at('2026-11-24 10:00:00.999999Z')).toEqual(new Date('2026-11-24T10:00:00.999Z'));
    expect(await at('2026-11-24 10:00:00.000001Z')).toEqual(new Date('2026-11-24T10:00:00.000Z'));
    expect(await at('2026-11-24 10:00:00.05Z')).toEqual(new Date('2026-11-24T10:00:00.050Z'));
  });

  test.each([
    ['infinity', Infinity],
    ['-infinity', -Infinity],
    ['0044-03-15 12:00:00+00 BC', new Date('-000043-03-15T12:00:00Z')],
    ['12026-11-24 10:00:00+00', new Date('+012026-11-24T10:00:00Z')],
  ])('may be %s', async (text, expected) => {
    expect(await at(text)).toEqual(expected);
  });
});

describe('an array', () => {
  const texts = fc.array(
    fc.option(fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !text.includes('\0'))),
    { minLength: 1 },
  );
  const echoed = async (type: string, values: readonly unknown[]): Promise<unknown[]> =>
    transaction(pool, async (tx) => {
      // By column, since the client would parse a text array by different rules.
      const { rows } = await tx.query<{ value: unknown }>({
        text: `SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS t (value, place) ORDER BY place`,
        values: [values],
      });
      return rows.map(({ value }) => value);
    });

  test('arrives unchanged with any content', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (values) => expect(await echoed('text', values)).toEqual(values)),
    );
  });

  test.each(['', 'null', 'NULL', ' ', ',', '{}', '"', '\\', 'a,b', '\n'])(
    'of %j has one element',
    async (text) => {
      expect(await echoed('text', [text])).toEqual([text]);
    },
  );

  test.each([
    ['int8', [1n, -9_223_372_036_854_775_808n]],
    ['int4', [1, -1]],
    ['float8', [0.1, 1e300, -1e-300]],
    ['boolean', [true, false, null]],
    ['bytea', [Buffer.from([0, 0x5c, 0x22, 0xff])]],
    ['timestamptz', [new Date(1_700_000_000_123)]],
  ])('of %s arrives unchanged', async (type, values) => {
    expect(await echoed(type, values)).toEqual(values);
  });

  test('may be empty', async () => {
    expect(await echoed('text', [])).toEqual([]);
  });
});

describe('a transaction', () => {
  test('commits the changes of its work and returns its result', async () => {
    const result = await transaction(pool, async (tx) => {
      await tx.query("INSERT INTO row VALUES ('kept', 1)");
      return 'done';
    });
    expect(result).toBe('done');
    expect(await ids()).toContain('kept');
  });

  test('rolls back if its work throws, and throws the same error', async () => {
    const fault = new Error('no');
    const work = transaction(pool, async (tx) => {
      await tx.query("INSERT INTO row VALUES ('undone', 1)");
      throw fault;
    });
    await expect(work).rejects.toBe(fault);
    expect(await ids()).not.toContain('undone');
  });

  test('sends a write before a later query, and at the latest with the commit', async () => {
    const seen = await transaction(pool, async (tx) => {
      tx.write({ text: 'INSERT INTO row VALUES ($1, 1)', values: ['written first'] });
      const { rows } = await tx.query("SELECT amount FROM row WHERE id = 'written first'");
      tx.write({ text: 'INSERT INTO row VALUES ($1, 2)', values: ['written last'] });
      return rows;
    });
    expect(seen).toEqual([{ amount: 1n }]);
    expect(await ids()).toEqual(expect.arrayContaining(['written first', 'written last']));
  });

  test('reports the write that failed rather than its consequences, and rolls back', async () => {
    const write = async (then: 'ask' | 'commit'): Promise<void> =>
      transaction(pool, async (tx) => {
        tx.write({ text: "INSERT INTO row VALUES ('gone', 1)" });
        tx.write({ text: "INSERT INTO row VALUES ('gone', 2)" });
        if (then === 'ask') await tx.query('SELECT 1');
      });
    for (const then of ['ask', 'commit'] as const)
      await expect(write(then)).rejects.toMatchObject({ code: '23505', constraint: 'row_pkey' });
    expect(await ids()).not.toContain('gone');
    expect(pool.totalCount - pool.idleCount).toBe(0);
  });

  const unserialisable = { amount: 1n };

  test.each<[string, Statement]>([
    [
      'values cannot be sent',
      { text: 'INSERT INTO row VALUES ($1, $2)', values: ['unsent', unserialisable] },
    ],
    [
      'name belongs to another statement',
      { name: 'transaction_begin', text: "INSERT INTO row VALUES ('unsent', 1)" },
    ],
    ['text is missing', {} as Statement],
  ])('rolls back if there is a write whose %s', async (_what, write) => {
    for (const place of ['first', 'last']) {
      const work = transaction(pool, async (tx) => {
        if (place === 'first') tx.write(write);
        tx.write({ text: "INSERT INTO row VALUES ('beside what was not sent', 1)" });
        if (place === 'last') tx.write(write);
      });
      await expect(work).rejects.toThrow(/serialize|unique|text/);
    }
    expect(await ids()).not.toContain('beside what was not sent');
  });

  test('rolls back if a query that nobody awaited could not be sent', async () => {
    const work = transaction(pool, async (tx) => {
      tx.query('SELECT $1::jsonb', [unserialisable]).catch(() => {});
      await tx.query("INSERT INTO row VALUES ('beside what was not sent', 1)");
    });
    await expect(work).rejects.toThrow(/rolled back/);
    expect(await ids()).not.toContain('beside what was not sent');
  });

  test('reports the statement that failed rather than its consequences, however deeply it is awaited', async () => {
    const division = { name: 'division', text: 'SELECT 1 / $1::int', values: [0] };
    const deep = async (query: Promise<unknown>): Promise<unknown> => (async () => await query)();
    const works: ((tx: Transaction) => Promise<unknown>)[] = [
      (tx) => Promise.all([deep(tx.query(division)), tx.query('SELECT 1')]),
      async (tx) => {
        const failing = deep(tx.query(division));
        const skipped = tx.query({ name: 'passed_over', text: 'SELECT 2' }).catch(() => {});
        await new Promise((resolve) => setImmediate(resolve));
        tx.write({ name: 'passed_over', text: 'SELECT 2' });
        await Promise.all([failing, skipped, tx.query('SELECT 3')]);
      },
      async (tx) => void tx.query(division).catch(() => {}),
    ];
    for (const work of works) await expect(transaction(pool, work)).rejects.toMatchObject({ code: '22012' });
    // The failure does not affect the next transaction.
    await expect(transaction(pool, (tx) => tx.query('SELECT * FROM nowhere'))).rejects.toMatchObject({
      code: '42P01',
    });
  });

  test('waits for a statement for its own timeout', async () => {
    const hurried = createPool({ url: database.url, applicationName: 'test', answerTimeoutMs: 100 });
    try {
      const slow = { text: 'SELECT 1 AS one FROM pg_sleep(0.3)', query_timeout: 10_000 };
      const { rows } = await transaction(hurried, (tx) => tx.query(slow));
      expect(rows).toEqual([{ one: 1 }]);
    } finally {
      await hurried.end();
    }
  });

  test('refuses statements after its end, when another caller may have the connection', async () => {
    const kept = await transaction(pool, async (tx) => tx);
    expect(() => kept.query('SELECT 1')).toThrow(/has ended/);
    expect(() => kept.write({ text: 'SELECT 1' })).toThrow(/has ended/);
  });

  test('reports a transient error if its connection breaks, and the pool continues', async () => {
    const work = transaction(pool, async (tx) => {
      await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    const error: unknown = await work.catch((fault: unknown) => fault);
    expect(isTransient(error)).toBe(true);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('returns its connection to the pool after every outcome', async () => {
    for (let at = 0; at < 30; at += 1)
      await transaction(pool, () => Promise.reject(new Error('no'))).catch(() => undefined);
    expect(pool.totalCount - pool.idleCount).toBe(0);
  });
});

describe('a pool', () => {
  test('survives a connection that breaks before its caller receives it', async () => {
    await new Promise<void>((resolve, reject) => {
      // A server can end a connection as soon as it accepts it, e.g. while it shuts down. An awaiting caller adds its
      // listener a moment later.
      pool.connect((error, client, release) => {
        if (client === undefined) return reject(error ?? new Error('no client'));
        try {
          client.emit('error', new Error('terminating connection due to administrator command'));
          resolve();
        } catch (thrown) {
          reject(thrown as Error);
        }
        release(true);
      });
    });
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('a peer that vanishes', () => {
  test('as a client in the middle of a transaction, loses its locks', async () => {
    await pool.query("INSERT INTO row VALUES ('locked', 0)");
    const vanishing = createPool({
      url: database.url,
      applicationName: 'test',
      idleTransactionTimeoutMs: 100,
    });
    const update = "UPDATE row SET amount = amount + 1 WHERE id = 'locked'";
    const work = transaction(vanishing, async (tx) => {
      await tx.query(update);
      // Waits until another connection gets the row.
      await pool.query(update);
      await tx.query('SELECT 1');
    });
    const error: unknown = await work.catch((fault: unknown) => fault);
    expect(isTransient(error)).toBe(true);
    const { rows } = await pool.query("SELECT amount FROM row WHERE id = 'locked'");
    expect(rows).toEqual([{ amount: 1n }]);
    await vanishing.end();
  });

  test('as a server in the middle of a statement, is awaited no longer than the timeout', async () => {
    const { hostname, port } = new URL(database.url);
    const sockets: Socket[] = [];
    const between = createServer((client) => {
      const server = connect({ host: hostname, port: Number(port) });
      sockets.push(client, server);
      client.on('error', () => {}).pipe(server);
      server.on('error', () => {}).pipe(client);
    });
    await once(between.listen(0, '127.0.0.1'), 'listening');
    const url = new URL(database.url);
    url.host = `127.0.0.1:${(between.address() as AddressInfo).port}`;
    const waiting = createPool({ url: url.href, applicationName: 'test', answerTimeoutMs: 300 });
    try {
      const work = transaction(waiting, async (tx) => {
        await tx.query('SELECT 1');
        for (const socket of sockets) socket.unpipe();
        await tx.query('SELECT 2');
      });
      const error: unknown = await work.catch((fault: unknown) => fault);
      expect(isTransient(error)).toBe(true);
      // The connection is not reused.
      expect((await waiting.query('SELECT 3 AS three')).rows).toEqual([{ three: 3 }]);
    } finally {
      for (const socket of sockets) socket.destroy();
      between.close();
      await waiting.end();
    }
  });
});

describe('a transient error', () => {
  test.each([
    [{ code: '55P03' }, true],
    [{ code: '57014' }, true],
    [new Error('Query read timeout'), true],
    [{ code: '40001' }, true],
    [{ code: '40P01' }, true],
    [{ code: '08006' }, true],
    [{ code: '57P01' }, true],
    [{ code: '53300' }, true],
    [{ code: '25006' }, true],
    [{ code: '28P01' }, true],
    [{ code: '58030' }, true],
    [{ code: 'ECONNREFUSED' }, true],
    [{ code: 'EHOSTUNREACH' }, true],
    [new Error('Connection terminated unexpectedly'), true],
    [{ code: '23505' }, false],
    [{ code: '22P02' }, false],
    [new Error('a bug'), false],
    [null, false],
    ['text', false],
  ])('includes %j: %s', (error, worth) => {
    expect(isTransient(error)).toBe(worth);
  });

  test('includes an unreachable database', async () => {
    const away = createPool({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'test' });
    const error: unknown = await away.query('SELECT 1').catch((fault: unknown) => fault);
    expect(isTransient(error)).toBe(true);
    await away.end();
  });
});

describe('migrations', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'migrations-'));
  });
  afterAll(() => rm(directory, { recursive: true }));
  const source = () => ({ scope: 'things', directory: pathToFileURL(`${directory}/`) });
  const write = (name: string, sql: string) => writeFile(join(directory, name), sql);

  test('run once, in the order of their names, and only new ones run later', async () => {
    await write('0002-fill.sql', "INSERT INTO thing VALUES ('first')");
    await write('0001-thing.sql', 'CREATE TABLE thing (name text)');
    await write('notes.txt', 'not SQL');
    expect(await migrate(pool, source())).toEqual(['things/0001-thing.sql', 'things/0002-fill.sql']);
    expect(await migrate(pool, source())).toEqual([]);
    await write('0003-more.sql', "INSERT INTO thing VALUES ('second')");
    expect(await migrate(pool, source())).toEqual(['things/0003-more.sql']);
    expect((await pool.query('SELECT name FROM thing')).rows).toEqual([
      { name: 'first' },
      { name: 'second' },
    ]);
  });

  test('have no time limit, even if the service has a short one', async () => {
    const impatient = createPool({
      url: database.url,
      applicationName: 'test',
      statementTimeoutMs: 1_000,
      answerTimeoutMs: 1_000,
    });
    await write('0004-slow.sql', 'SELECT pg_sleep(1.5)');
    expect(await migrate(impatient, source())).toEqual(['things/0004-slow.sql']);
    await impatient.end();
  });

  test('leave no changes if one of them fails', async () => {
    await write('0005-good.sql', "INSERT INTO thing VALUES ('third')");
    await write('0006-bad.sql', 'SELECT nonsense');
    await expect(migrate(pool, source())).rejects.toThrow(/nonsense/);
    expect((await pool.query("SELECT 1 FROM thing WHERE name = 'third'")).rows).toEqual([]);
    await rm(join(directory, '0005-good.sql'));
    await rm(join(directory, '0006-bad.sql'));
  });

  test('must not change after they ran', async () => {
    await write('0001-thing.sql', 'CREATE TABLE thing (name text, size int)');
    await expect(migrate(pool, source())).rejects.toThrow(/0001-thing.sql was changed/);
    await write('0001-thing.sql', 'CREATE TABLE thing (name text)');
  });

  test('run once if several replicas start at the same time', async () => {
    await write('0006-once.sql', "INSERT INTO thing VALUES ('once')");
    const ran = await Promise.all(Array.from({ length: 4 }, () => migrate(pool, source())));
    expect(ran.flat()).toEqual(['things/0006-once.sql']);
    expect((await pool.query("SELECT 1 FROM thing WHERE name = 'once'")).rows).toHaveLength(1);
  });
});

describe('a test database', () => {
  test('refuses a name that contains SQL', async () => {
    await expect(
      createDatabase(fromEnvironment('TEST_POSTGRES_URL'), 'a; DROP DATABASE postgres'),
    ).rejects.toThrow(/not a database name/);
  });

  test('is dropped even if clients are connected', async () => {
    const other = await createDatabase(fromEnvironment('TEST_POSTGRES_URL'));
    const connected = createPool({ url: other.url, applicationName: 'test' });
    await connected.query('SELECT 1');
    await other.drop();
    await expect(connected.query('SELECT 1')).rejects.toThrow();
    await connected.end();
  });
});
