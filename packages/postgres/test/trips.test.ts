import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { createDatabase } from '../src/index.ts';
import { fromEnvironment } from '../src/testing.ts';
import { Pipeline } from '../src/wire/pipeline.ts';

let database: Awaited<ReturnType<typeof createDatabase>>;
let pipelined: pg.Client;
let plain: pg.Client;
beforeAll(async () => {
  database = await createDatabase(fromEnvironment('TEST_POSTGRES_URL'));
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: database.url, pipeline: true } as pg.ClientConfig);
    await client.connect();
    return client;
  };
  pipelined = await connect();
  Pipeline.begin(pipelined);
  plain = await connect();
});
afterAll(async () => {
  await Promise.all([pipelined.end(), plain.end()]);
  await database.drop();
});

const circular: { self?: unknown } = {};
circular.self = circular;

const statements: Record<string, pg.QueryConfig | string> = {
  begin: { name: 'begin', text: 'BEGIN' },
  commit: { name: 'commit', text: 'COMMIT' },
  'rollback, simply': 'ROLLBACK',
  one: { name: 'one', text: 'SELECT 1 AS one' },
  'many rows': { text: 'SELECT repeat($1, 100) AS text FROM generate_series(1, 300)', values: ['x'] },
  nothing: { name: 'nothing', text: '' },
  'fails as it runs': { name: 'division', text: 'SELECT 1 / $1::int AS result', values: [0] },
  'fails as it is planned': { name: 'planned', text: 'SELECT * FROM nowhere' },
  'fails as it is bound': { text: 'SELECT $1::int', values: ['no number'] },
  'cannot be sent': { text: 'SELECT $1::json', values: [circular] },
  'two, simply': 'SELECT 1 AS one; SELECT 2 AS two',
  'fails, simply': 'SELECT 1; SELECT 1 / 0',
};

/** After the first of these statements pg considers the statement prepared, and the server does not. */
const prepared: Record<string, pg.QueryConfig> = {
  'cannot be sent, prepared': { name: 'json', text: 'SELECT $1::json AS json', values: [circular] },
  'of the same name': { name: 'json', text: 'SELECT $1::json AS json', values: ['[]'] },
};

/** The outcomes of statements that were started in the same turn of the event loop, in their order. */
const outcomes = (client: pg.Client, names: readonly string[]): Promise<unknown[]> =>
  Promise.all(
    names.map(async (name) => {
      try {
        const result: pg.QueryResult | pg.QueryResult[] = await client.query(
          (statements[name] ?? prepared[name]) as string,
        );
        return [result].flat().map(({ command, rows }) => ({ command, rows: rows as unknown[] }));
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        // If a statement could not be prepared, the server reports that when the statement is named again at once.
        return code === '26000' ? '25P02' : (code ?? message);
      }
    }),
  );

describe('a pipeline', () => {
  test('returns the same outcomes as single statements in a transaction, whichever statement fails', async () => {
    const batch = fc.array(fc.constantFrom(...Object.keys(statements)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 3 }), async (batches) => {
        for (const client of [pipelined, plain]) await client.query('ROLLBACK');
        for (const names of batches) {
          // Outside a transaction, a server that skips statements differs from one that refuses them.
          const within = ['begin', ...names.filter((name) => !ENDS.has(name)), 'rollback, simply'];
          Pipeline.of(pipelined).gather();
          expect(await outcomes(pipelined, within)).toEqual(await outcomes(plain, within));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('keeps a statement prepared if its values cannot be sent', async () => {
    for (const name of ['of the same name', 'cannot be sent, prepared', 'of the same name']) {
      Pipeline.of(pipelined).gather();
      await outcomes(pipelined, [name]);
    }
    expect(await outcomes(pipelined, ['of the same name'])).toEqual([
      [{ command: 'SELECT', rows: [{ json: [] }] }],
    ]);
  });

  test('fails all statements after a failed one, even outside a transaction', async () => {
    Pipeline.of(pipelined).gather();
    expect(await outcomes(pipelined, ['one', 'fails as it runs', 'one', 'commit'])).toEqual([
      [{ command: 'SELECT', rows: [{ one: 1 }] }],
      '22012',
      '25P02',
      '25P02',
    ]);
    expect(await outcomes(pipelined, ['one'])).toEqual([[{ command: 'SELECT', rows: [{ one: 1 }] }]]);
  });

  test('sends one Sync, and receives one ReadyForQuery', async () => {
    const ready = async (statementsOf: (client: pg.Client) => Promise<unknown>): Promise<number> => {
      let answers = 0;
      const { connection } = pipelined as unknown as { connection: NodeJS.EventEmitter & { sync(): void } };
      const stream = (connection as unknown as { stream: NodeJS.EventEmitter }).stream;
      const count = (bytes: Buffer): void => {
        for (let at = 0; at < bytes.length; at += 1 + bytes.readUInt32BE(at + 1))
          if (bytes[at] === READY_FOR_QUERY) answers += 1;
      };
      stream.on('data', count);
      await statementsOf(pipelined);
      stream.off('data', count);
      return answers;
    };
    const five = ['begin', 'one', 'one', 'one', 'commit'];
    expect(await ready((client) => outcomes(client, five))).toBe(5);
    expect(
      await ready((client) => {
        Pipeline.of(client).gather();
        return outcomes(client, five);
      }),
    ).toBe(1);
  });
});

const ENDS: ReadonlySet<string> = new Set(['begin', 'commit', 'rollback, simply']);
const READY_FOR_QUERY = 'Z'.charCodeAt(0);
