import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPool, missingMigrations, readMigrations, type MigrationSource } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { ConfigurationError } from '@tallystick/config';
import { createLogger, type Logger } from '@tallystick/telemetry';

import { migrationsNeed, prepareDatabase, serviceMigrations } from '../src/index.ts';
import { migrateOnly } from '../src/database.ts';
import { writeSchema } from './write-schema.ts';

const silent = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
const role = `service_${randomBytes(4).toString('hex')}`;

let directory: string;
let schema: MigrationSource;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-migrations-'));
  schema = await writeSchema(directory);
});
afterAll(() => rm(directory, { recursive: true }));

let database: TestDatabase;
beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

const missing = async (): Promise<string[]> =>
  missingMigrations(database.pool, await readMigrations(serviceMigrations(schema)));

describe('a service that migrates its own database', () => {
  test('runs every migration once', async () => {
    for (let time = 0; time < 2; time += 1) {
      await prepareDatabase(database.pool, { schema, migrations: 'run', logger: silent });
      expect(await missing()).toEqual([]);
    }
  });
});

describe('a service that awaits its migrations', () => {
  test('starts after another process has run them, and logs the missing ones while it waits', async () => {
    let noteWaiting: (lack: string) => void;
    const waiting = new Promise<string>((resolve) => (noteWaiting = resolve));
    const logger = Object.assign(Object.create(silent) as Logger, {
      warn: ({ lack }: { lack: string }) => noteWaiting(lack),
    });
    const prepared = prepareDatabase(database.pool, { schema, migrations: 'await', logger });
    expect(await waiting).toBe('the database is not migrated yet');
    await migrateOnly(schema, { POSTGRES_URL: database.url });
    await prepared;
    expect(await missing()).toEqual([]);
  });
});

describe('the readiness of a database', () => {
  test('holds after the migrations, and fails after a restore to an earlier point', async () => {
    const need = await migrationsNeed(schema);
    await prepareDatabase(database.pool, { schema, migrations: 'run', logger: silent });
    expect(await need.failure(database.pool)).toBeUndefined();
    await database.pool.query("DELETE FROM schema_migrations WHERE name = '0001-thing.sql'");
    expect(await need.failure(database.pool)).toBe('the database lacks test/0001-thing.sql');
  });
});

describe('--migrate-only', () => {
  test('returns the migrations that ran, and none the second time', async () => {
    const ran = await migrateOnly(schema, { POSTGRES_URL: database.url });
    expect(ran).toContain('test/0001-thing.sql');
    expect(await migrateOnly(schema, { POSTGRES_URL: database.url })).toEqual([]);
  });

  test('grants the role of the service the right to append to history, not to change it', async () => {
    await database.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
    await migrateOnly(schema, { POSTGRES_URL: database.url, POSTGRES_SERVICE_ROLE: role });
    const url = new URL(database.url);
    url.username = role;
    url.password = role;
    const service = createPool({ url: url.href, applicationName: 'test' });
    try {
      await service.query("INSERT INTO thing VALUES ('one')");
      await expect(service.query('DELETE FROM thing')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await service.end();
      await database.pool.query(`DROP OWNED BY ${role}`);
      await database.pool.query(`DROP ROLE ${role}`);
    }
  });

  test.each([
    ['of an absent role', 'nobody_at_all', 'POSTGRES_SERVICE_ROLE: there is no such role'],
    ['of the owner', 'postgres', 'POSTGRES_SERVICE_ROLE: is the owner of the database'],
  ])('refuses the name %s', async (_name, name, fault) => {
    const environment = { POSTGRES_URL: database.url, POSTGRES_SERVICE_ROLE: name };
    const refused = migrateOnly(schema, environment);
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(fault);
  });

  test('refuses to run without a database URL', async () => {
    await expect(migrateOnly(schema, {})).rejects.toThrow('POSTGRES_URL: is not set');
  });
});
