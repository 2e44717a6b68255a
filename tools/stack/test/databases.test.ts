import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { services, type ServiceName } from '@tallystick/contracts';
import { createPool, type Pool } from '@tallystick/postgres';
import { fromEnvironment } from '@tallystick/postgres/testing';
import { createDatabases, historyOf, type Databases } from '../src/system/databases.ts';

const adminUrl = fromEnvironment('TEST_POSTGRES_URL');

let databases: Databases;
const pools = {} as Record<ServiceName, Pool>;
beforeAll(async () => {
  databases = await createDatabases(adminUrl, randomBytes(4).toString('hex'), services);
  for (const service of services)
    pools[service] = createPool({ url: databases.urls[service]!, applicationName: 'test' });
});
afterAll(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
  await databases.drop();
});

const history = services.flatMap((service) => historyOf(service).map((table) => [service, table] as const));

describe("the database as a service's role opens it", () => {
  test('has the ledger’s entries and lines as append-only tables', () => {
    expect(history).toEqual(
      expect.arrayContaining([
        ['account', 'journal_entry'],
        ['account', 'journal_line'],
      ]),
    );
  });

  test.each(history)('lets %s insert into %s, but neither change nor empty it', async (service, table) => {
    const { rows } = await pools[service].query<{ may: boolean }>(
      "SELECT has_table_privilege($1, 'INSERT') AS may",
      [table],
    );
    expect(rows).toEqual([{ may: true }]);
    const { rows: columns } = await pools[service].query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND attidentity = ''`,
      [table],
    );
    const [{ name } = { name: '' }] = columns;
    for (const statement of [
      `UPDATE ${table} SET ${name} = ${name}`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
    ])
      await expect(pools[service].query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  test.each(services)('lets %s do everything its sources do, including untested code', async (service) => {
    const wanted = writesIn(['packages/messaging/src', 'packages/http/src', `services/${service}/src`]);
    expect(wanted.length).toBeGreaterThan(10);
    const { rows } = await pools[service].query<{ refused: string }>(
      `SELECT right_ || ' ' || table_ AS refused FROM unnest($1::text[], $2::text[]) AS wanted (right_, table_)
       WHERE NOT has_table_privilege(table_, right_)`,
      [wanted.map(({ right }) => right), wanted.map(({ table }) => table)],
    );
    expect(rows).toEqual([]);
  });

  test.each(services)('lets %s neither create nor empty a table', async (service) => {
    await expect(pools[service].query('CREATE TABLE mine (id text)')).rejects.toMatchObject({
      code: '42501',
    });
    await expect(pools[service].query('TRUNCATE outbox')).rejects.toMatchObject({ code: '42501' });
  });

  test.each(services)('lets %s open no other service’s database', async (service) => {
    for (const other of services.filter((one) => one !== service)) {
      const url = new URL(databases.urls[service]!);
      url.pathname = new URL(databases.urls[other]!).pathname;
      const pool = createPool({ url: url.href, applicationName: 'test' });
      await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: '42501' });
      await pool.end();
    }
  });
});

/** Returns the rights that the statements in these folders need, by their text. */
function writesIn(folders: readonly string[]): { right: string; table: string }[] {
  const text = execFileSync(
    'git',
    ['grep', '-hE', '(INSERT INTO|UPDATE|DELETE FROM) [a-z_]+', '--', ...folders],
    {
      cwd: join(import.meta.dirname, '..', '..', '..'),
      encoding: 'utf8',
    },
  );
  const found = [
    ...text.matchAll(/(INSERT) INTO ([a-z_]+)/g),
    ...text.matchAll(/\b(UPDATE) (?!SET)([a-z_]+)(?: \w+)? SET/g),
    ...text.matchAll(/(DELETE) FROM ([a-z_]+)/g),
  ];
  const distinct = new Set(found.map(([, right, table]) => `${right} ${table}`));
  return [...distinct].map((one) => ({ right: one.split(' ')[0]!, table: one.split(' ')[1]! }));
}
