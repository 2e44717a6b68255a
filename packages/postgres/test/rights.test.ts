import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  awaitMigrations,
  bringForward,
  createDatabase,
  createPool,
  missingMigrations,
  readMigrations,
  UnfitRoleError,
  type MigrationSource,
  type Pool,
} from '../src/index.ts';
import { fromEnvironment } from '../src/testing.ts';

const adminUrl = fromEnvironment('TEST_POSTGRES_URL');

const run = randomBytes(4).toString('hex');
const [owner, role] = [`owner_${run}`, `service_${run}`];
let directory: string;
let source: MigrationSource;
let database: Awaited<ReturnType<typeof createDatabase>>;
let admin: Pool;
let service: Pool;

const as = (user: string, url: string): string => {
  const changed = new URL(url);
  changed.username = user;
  changed.password = user;
  return changed.href;
};
const migration = (name: string, sql: string): Promise<void> => writeFile(join(directory, name), sql);
const forward = (url = as(owner, database.url)): Promise<string[]> =>
  bringForward({ url, serviceRole: role, sources: [source] });
const missing = async (): Promise<string[]> => missingMigrations(service, await readMigrations([source]));
const refused = (sql: string): Promise<void> =>
  expect(service.query(sql)).rejects.toMatchObject({ code: '42501' });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-rights-'));
  source = {
    scope: 'test',
    directory: pathToFileURL(`${directory}/`),
    appendOnly: ['history'],
    removable: ['queue'],
  };
  await migration(
    '0001-tables.sql',
    `CREATE TABLE history (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
     CREATE TABLE queue (id serial PRIMARY KEY, what text);
     CREATE TABLE standing (id text PRIMARY KEY, what text);`,
  );
  database = await createDatabase(adminUrl);
  admin = createPool({ url: database.url, applicationName: 'test' });
  for (const name of [owner, role]) await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}'`);
  const name = new URL(database.url).pathname.slice(1);
  await admin.query(`ALTER DATABASE ${name} OWNER TO ${owner}`);
  await admin.query(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`);
  service = createPool({ url: as(role, database.url), applicationName: 'test' });
});
afterAll(async () => {
  await service.end();
  await admin.end();
  await database.drop();
  const server = createPool({ url: adminUrl, applicationName: 'test' });
  await server.query(`DROP ROLE IF EXISTS ${owner}, ${role}`);
  await server.end();
  await rm(directory, { recursive: true });
});

describe('a service that awaits its migrations', () => {
  test('waits until its role has its rights and the database is current, and reports that once', async () => {
    const sentences: string[] = [];
    const waited = awaitMigrations(service, [source], (lack) => sentences.push(lack));
    await Promise.race([waited, until(() => sentences.length > 0)]);
    expect(sentences).toEqual(['this role has no rights in the database yet']);
    expect(await forward()).toEqual(['test/0001-tables.sql']);
    await waited;
    expect(sentences).toHaveLength(1);
  });

  test('lists missing migrations and ignores those of a later release', async () => {
    await migration('0002-more.sql', 'ALTER TABLE standing ADD COLUMN more text');
    expect(await missing()).toEqual(['test/0002-more.sql']);
    await forward();
    await rm(join(directory, '0002-more.sql'));
    expect(await missing()).toEqual([]);
  });

  test('does not start on a migration that was edited after it ran', async () => {
    await expect(
      awaitMigrations(service, [{ ...source, directory: await edited() }], () => {}),
    ).rejects.toThrow('was changed after it ran');
  });
});

describe('the role of a service', () => {
  beforeAll(forward);

  test('can insert into append-only tables, but neither update nor delete there', async () => {
    await service.query("INSERT INTO history (what) VALUES ('a')");
    await refused("UPDATE history SET what = 'b'");
    await refused('DELETE FROM history');
    await refused('TRUNCATE history');
    await refused('SELECT * FROM history FOR UPDATE');
  });

  test('can update and lock rows of other tables, but not delete them', async () => {
    await service.query("INSERT INTO standing (id) VALUES ('a') ON CONFLICT (id) DO UPDATE SET what = 'b'");
    await service.query('SELECT * FROM standing FOR UPDATE');
    await refused('DELETE FROM standing');
    await refused('TRUNCATE standing');
  });

  test('can delete rows of removable tables, and use the sequences of columns', async () => {
    await service.query("INSERT INTO queue (what) VALUES ('a')");
    await service.query('DELETE FROM queue');
    await refused('TRUNCATE queue');
  });

  test('can insert through an append-only view, read through any other view, and update through none', async () => {
    await migration(
      '0006-views.sql',
      'CREATE VIEW past AS SELECT * FROM history; CREATE VIEW seen AS SELECT * FROM standing',
    );
    source.insertableViews = ['past'];
    await forward();
    await service.query("INSERT INTO past (what) VALUES ('a')");
    await service.query('SELECT * FROM seen');
    await refused("UPDATE past SET what = 'b'");
    await refused('DELETE FROM past');
    await refused("INSERT INTO seen (id) VALUES ('b')");
    await refused("UPDATE seen SET what = 'c'");
  });

  test('has the rights of a renamed table under its former name too', async () => {
    await migration(
      '0007-renamed.sql',
      'ALTER TABLE queue RENAME TO line; CREATE VIEW queue AS SELECT * FROM line; CREATE VIEW log AS SELECT * FROM history',
    );
    source.removable = ['line'];
    source.formerNames = { queue: 'line', log: 'history' };
    await forward();
    await service.query("INSERT INTO queue (what) VALUES ('a')");
    await service.query("UPDATE queue SET what = 'b'");
    await service.query('DELETE FROM queue');
    await service.query("INSERT INTO log (what) VALUES ('a')");
    await refused('DELETE FROM log');
  });

  test('can neither create a table, not even a temporary one, nor alter one', async () => {
    await refused('CREATE TABLE mine (id text)');
    await refused('CREATE TEMPORARY TABLE mine (id text)');
    await refused('CREATE SCHEMA mine');
    await refused('ALTER TABLE history ADD COLUMN mine text');
    await refused('DROP TABLE history');
  });

  test('can read the list of migrations, but not write it', async () => {
    await service.query('SELECT * FROM schema_migrations');
    await refused('DELETE FROM schema_migrations');
    await refused("INSERT INTO schema_migrations (scope, name, sha256) VALUES ('a', 'b', 'c')");
  });

  test('gets its rights on a new table with the migration, and loses all others', async () => {
    await admin.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`);
    await migration('0003-new.sql', 'CREATE TABLE new (id text)');
    await forward();
    await service.query("INSERT INTO new VALUES ('a')");
    await refused('DELETE FROM new');
    await refused('DELETE FROM history');
  });
});

describe('migrating a database', () => {
  test('twice at the same time runs each migration once', async () => {
    await migration('0004-once.sql', 'CREATE TABLE once (id text)');
    const ran = await Promise.all([forward(), forward()]);
    expect(ran.flat()).toEqual(['test/0004-once.sql']);
  });

  test.each([
    ['that is not there', 'nobody', 'there is no such role'],
    ['that is the owner', owner, 'is the owner'],
    ['that is a superuser', decodeURIComponent(new URL(adminUrl).username), 'is a superuser'],
  ])('refuses a role %s, and leaves no changes', async (_what, serviceRole, message) => {
    await migration('0005-kept.sql', 'CREATE TABLE kept (id text)');
    const url = as(owner, database.url);
    const work = bringForward({ url, serviceRole, sources: [source] });
    await expect(work).rejects.toThrow(UnfitRoleError);
    await expect(work).rejects.toThrow(message);
    expect(await missing()).toEqual(['test/0005-kept.sql']);
  });

  test('refuses a source that names a missing table', async () => {
    const sources = [{ ...source, appendOnly: ['histroy'] }];
    await expect(bringForward({ url: as(owner, database.url), serviceRole: role, sources })).rejects.toThrow(
      'there is no table histroy',
    );
  });
});

async function edited(): Promise<URL> {
  const copy = await mkdtemp(join(directory, 'edited-'));
  await writeFile(join(copy, '0001-tables.sql'), 'SELECT 1');
  return pathToFileURL(`${copy}/`);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((wake) => setTimeout(wake, 10));
}
