import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CodedError, messages, newId, operations, register } from '@tallystick/contracts';
import { eventually, readTopic } from '@tallystick/messaging/testing';
import type { TestDatabase } from '@tallystick/postgres/testing';
import { ConfigurationError } from '@tallystick/config';

import { openService, type ServiceParts } from '../src/index.ts';
import { startServiceWorld, type ServiceWorld } from './service-world.ts';

/** Those of the audit are served for every service. */
/** Those that every service serves by itself. */
const SERVED_BY_ITSELF: readonly string[] = [operations.accountAuditList.id, operations.accountSettings.id];
const operationsOfAccount = Object.values(register.operations).filter(
  ({ id, service }) => service === 'account' && !SERVED_BY_ITSELF.includes(id),
);

let world: ServiceWorld;
beforeAll(async () => {
  world = await startServiceWorld();
});
afterAll(() => world.stop());

let database: TestDatabase;
beforeEach(async () => {
  database = await world.newDatabase();
});
afterEach(() => database.close());

const open = async (changes?: Record<string, string>): Promise<ServiceParts> =>
  openService('account', await world.settingsFor(database.url, changes), { schema: world.schema });

/** Registers a handler for each operation of the service. */
function serveAll({ edge }: ServiceParts): void {
  for (const operation of operationsOfAccount) {
    if (operation.method === 'GET')
      edge.read(operation, () => Promise.reject(new CodedError('resource.not_found')));
    else edge.write(operation, (requests) => requests.map(() => new CodedError('resource.not_found')));
  }
}

/** Opens the service, listens, runs `work` and stops the service. */
async function whileServing<T>(work: (parts: ServiceParts, port: number) => Promise<T>): Promise<T> {
  const parts = await open();
  try {
    serveAll(parts);
    return await work(parts, await parts.edge.listen(0));
  } finally {
    await parts.stop();
  }
}

const readiness = async (port: number): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
  return { status: response.status, body: await response.json() };
};

describe('a service that opens', () => {
  test('migrates its database: the tables of its packages and its own', async () => {
    const parts = await open();
    await parts.stop();
    const { rows } = await database.pool.query<{ scope: string }>(
      'SELECT DISTINCT scope FROM schema_migrations ORDER BY scope',
    );
    expect(rows.map(({ scope }) => scope)).toEqual(['audit', 'http', 'messaging', 'test']);
    expect((await database.pool.query('SELECT * FROM thing')).rows).toEqual([]);
  });

  test('publishes the messages of committed transactions only', async () => {
    const events = await readTopic(world.kafka, `${world.topicPrefix}account.events.v1`);
    const opened = (accountId: string) => ({
      accountId,
      ownerId: newId('usr'),
      kind: 'customer' as const,
      currency: 'EUR' as const,
    });
    const [lost, kept] = [newId('acc'), newId('acc')];
    await whileServing(async ({ messaging: { outbox } }) => {
      const failed = outbox.transaction(async (_tx, send) => {
        send(messages.accountOpened, opened(lost));
        throw new Error('the work failed');
      });
      await expect(failed).rejects.toThrow('the work failed');
      await outbox.transaction(async (_tx, send) => send(messages.accountOpened, opened(kept)));
      await eventually(() => events.messages.some(({ key }) => String(key) === kept));
    });
    await events.stop();
    expect(events.messages.map(({ key }) => String(key))).not.toContain(lost);
  });

  test('refuses to listen while an operation has no handler, and names the operations', async () => {
    expect(operationsOfAccount).not.toHaveLength(0);
    const parts = await open();
    await expect(parts.edge.listen(0)).rejects.toThrow(
      `operations without a handler: ${operationsOfAccount.map(({ id }) => id).join(', ')}`,
    );
    await parts.stop();
  });

  test('refuses to start if its clock is wrong, and reports the skew', async () => {
    const now = Date.now.bind(Date);
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 60_000);
    try {
      const refused = open();
      await expect(refused).rejects.toThrow(ConfigurationError);
      await expect(refused).rejects.toThrow(/the clock of this machine is (59|60)\d{3} ms ahead/);
    } finally {
      clock.mockRestore();
    }
  });

  test('refuses to start on brokers that lack its topics, and names them', async () => {
    await expect(open({ TOPIC_PREFIX: 'absent.' })).rejects.toThrow(/absent\.account\.commands\.v1/);
  });
});

describe('a service that serves', () => {
  test('is ready while Kafka, its keys and its database are usable', async () => {
    expect(await whileServing((_parts, port) => readiness(port))).toEqual({
      status: 200,
      body: { status: 'ready' },
    });
  });

  test('finds the rows of a batch by an index, though it planned the statement while the table was small', async () => {
    const plan = await whileServing(async ({ edgePool }) => {
      const connection = await edgePool.connect();
      try {
        await database.pool.query("INSERT INTO thing VALUES ('first')");
        await database.pool.query('ANALYZE thing');
        const text = 'SELECT thing_id FROM thing WHERE thing_id = ANY($1::text[])';
        // Postgres decides about the plan that it keeps at the sixth run.
        for (let run = 0; run < 6; run += 1)
          await connection.query({ name: 'things', text, values: [['first']] });
        await database.pool.query("INSERT INTO thing SELECT 'next' || n FROM generate_series(1, 5000) AS n");
        const { rows } = await connection.query<{ 'QUERY PLAN': string }>(
          "EXPLAIN EXECUTE things('{next1}')",
        );
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      } finally {
        connection.release();
      }
    });
    expect(plan).toContain('thing_pkey');
    expect(plan).not.toContain('Seq Scan');
  });

  test('is not ready on a database that was restored to a point before its migrations', async () => {
    const found = await whileServing(async (_parts, port) => {
      await database.pool.query("DELETE FROM schema_migrations WHERE scope = 'test'");
      return readiness(port);
    });
    expect(found).toEqual({
      status: 503,
      body: { status: 'not_ready', lacks: { migrations: 'the database lacks test/0001-thing.sql' } },
    });
  });
});

describe('a service that stops', () => {
  test('closes its HTTP port and every database connection', async () => {
    const stoppedPort = await whileServing((_parts, port) => Promise.resolve(port));
    await expect(fetch(`http://127.0.0.1:${stoppedPort}/health/live`)).rejects.toThrow('fetch failed');
    await eventually(async () => {
      const { rows } = await database.pool.query(
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'account' AND datname = current_database()`,
      );
      return rows.length === 0;
    });
    const { rows } = await database.pool.query('SELECT 1 FROM outbox WHERE published_at IS NULL');
    expect(rows).toEqual([]);
  });
});
