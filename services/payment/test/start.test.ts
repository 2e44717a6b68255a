import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serviceTopics } from '@tallystick/contracts';
import { createKafka, ensureTopics } from '@tallystick/messaging';
import { createDatabase, createPool } from '@tallystick/postgres';
import { createLogger } from '@tallystick/telemetry';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let directory: string;
let settings: Record<string, string>;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tallystick-start-'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const file = (name: string, content: object): string => {
    const path = join(directory, name);
    writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
    return path;
  };
  settings = {
    PORT: '0',
    PUBLIC_URL: 'http://127.0.0.1:1',
    ISSUER: 'http://127.0.0.1:2',
    POSTGRES_URL: process.env['TEST_POSTGRES_URL']!,
    KAFKA_BROKERS: process.env['TEST_KAFKA_BROKERS']!,
    SIGNING_KEY_FILE: file('signing.json', privateKey.export({ format: 'jwk' })),
    TRUST_ANCHORS_FILE: file('anchors.json', { keys: [publicKey.export({ format: 'jwk' })] }),
  };
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const silent = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
const brokers = (): string[] => process.env['TEST_KAFKA_BROKERS']!.split(',');

interface Launched {
  code: Promise<number | null>;
  /** its output so far */
  output(): string;
  /** resolves when it has written this text; rejects if it ends first */
  prints(text: string): Promise<void>;
  end(): void;
}

function launch(env: Record<string, string>, ...args: string[]): Launched {
  // the flags by which this process runs from sources
  const flags = process.execArgv.filter((flag) => /^--(conditions|disable-warning)=/.test(flag));
  const child = spawn(process.execPath, [...flags, MAIN, ...args], {
    env: { PATH: process.env['PATH'], ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output += text.toString('utf8')));
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    code,
    output: () => output,
    prints: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (output.includes(text)) resolve();
        };
        child.stdout.on('data', look);
        void code.then(() => reject(new Error(`ended without printing "${text}": ${output}`)));
        look();
      }),
    end: () => void child.kill('SIGTERM'),
  };
}

async function start(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const { code, output } = launch(env);
  return { code: await code, output: output() };
}

/** Returns a port on which nothing listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a separate migration step', () => {
  const names = Object.fromEntries(
    ['database', 'owner', 'role'].map((what) => [what, `start_${what}_${randomBytes(4).toString('hex')}`]),
  ) as { database: string; owner: string; role: string };
  const admin = createPool({ url: process.env['TEST_POSTGRES_URL']!, applicationName: 'test' });
  const urlOf = (user: string): string => {
    const url = new URL(process.env['TEST_POSTGRES_URL']!);
    url.username = user;
    url.password = user;
    url.pathname = `/${names.database}`;
    return url.href;
  };
  beforeAll(async () => {
    for (const role of [names.owner, names.role])
      await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
    await admin.query(`CREATE DATABASE ${names.database} OWNER ${names.owner}`);
    await ensureTopics(createKafka({ brokers: brokers(), clientId: 'test', logger: silent }), {
      prefix: `${names.database}.`,
    });
  });
  afterAll(async () => {
    await admin.query(`DROP DATABASE ${names.database} WITH (FORCE)`);
    await admin.query(`DROP ROLE ${names.owner}, ${names.role}`);
    await admin.end();
  });

  test('is awaited by a service without the right to migrate, and runs once if two processes start it', async () => {
    const service = launch({
      ...settings,
      POSTGRES_URL: urlOf(names.role),
      TOPIC_PREFIX: `${names.database}.`,
      MIGRATIONS: 'await',
    });
    await service.prints('database.migrations_awaited');
    const migration = { POSTGRES_URL: urlOf(names.owner), POSTGRES_SERVICE_ROLE: names.role };
    const both = [migration, migration].map((env) => launch(env, '--migrate-only'));
    expect(await Promise.all(both.map(({ code }) => code))).toEqual([0, 0]);
    expect(both.filter(({ output }) => output().startsWith('Migrated: '))).toHaveLength(1);
    expect(both.filter(({ output }) => output() === 'The database is current.\n')).toHaveLength(1);
    // The service continues: next it connects to Kafka, where no registrar has written anything.
    await service.prints('keys.snapshot_awaited');
    service.end();
    await service.code;
  });

  test('refuses invalid settings', async () => {
    const { code, output } = launch({ POSTGRES_SERVICE_ROLE: 'payment' }, '--migrate-only');
    expect(await code).toBe(2);
    expect(output()).toContain('POSTGRES_URL: ');
  });

  test('is named as the remedy by a service whose role may not migrate', async () => {
    const { code, output } = await start({ ...settings, POSTGRES_URL: urlOf(names.role) });
    expect([code, output]).toEqual([
      1,
      'POSTGRES_URL: its role may not bring the database forward; name the owner, or set MIGRATIONS to await.\n',
    ]);
  });

  test('refuses to grant rights to an absent role, in one sentence', async () => {
    const migration = { POSTGRES_URL: urlOf(names.owner), POSTGRES_SERVICE_ROLE: 'nobody' };
    const { code, output } = launch(migration, '--migrate-only');
    expect(await code).toBe(2);
    expect(output()).toBe('POSTGRES_SERVICE_ROLE: there is no such role in the database\n');
  });

  test('refuses any other flag', async () => {
    const { code, output } = launch({}, '--migrate');
    expect([await code, output()]).toEqual([
      2,
      '--migrate: is no flag; there is --migrate-only, --contracts, --can-deploy\n',
    ]);
  });
});

describe('a service that cannot start', () => {
  test('names every missing or invalid variable, never its value, and exits with status 2', async () => {
    const { code, output } = await start({ PORT: '99999', POSTGRES_URL: 'mysql://user:secret@host/db' });
    expect(code).toBe(2);
    for (const name of [
      'PORT',
      'PUBLIC_URL',
      'POSTGRES_URL',
      'KAFKA_BROKERS',
      'ISSUER',
      'SIGNING_KEY_FILE',
      'TRUST_ANCHORS_FILE',
    ]) {
      expect(output).toContain(`${name}: `);
    }
    expect(output).not.toContain('secret');
  });

  test('names a key file that other users may read', async () => {
    const path = join(directory, 'open.json');
    writeFileSync(path, '{}', { mode: 0o644 });
    const { code, output } = await start({ ...settings, SIGNING_KEY_FILE: path });
    expect([code, output]).toEqual([
      2,
      `the configuration is not usable:\n  SIGNING_KEY_FILE: ${path}: others may read this key; chmod 600 it\n`,
    ]);
  });

  test('names every missing topic and exits with status 2', async () => {
    const database = await createDatabase(process.env['TEST_POSTGRES_URL']!);
    const prefix = `${new URL(database.url).pathname.slice(1)}.`;
    const { code, output } = await start({ ...settings, POSTGRES_URL: database.url, TOPIC_PREFIX: prefix });
    await database.drop();
    const missing = serviceTopics('payment').map((topic) => prefix + topic);
    expect(missing).toContain(`${prefix}payment.commands.v1.quarantine`);
    expect([code, output]).toEqual([
      2,
      `KAFKA_BROKERS: the brokers lack the topics ${missing.join(', ')}; create them, or correct TOPIC_PREFIX\n`,
    ]);
  });

  test('reports in one sentence that there is no database', async () => {
    const { code, output } = await start({
      ...settings,
      POSTGRES_URL: `postgres://u:p@127.0.0.1:${await deadPort()}/none`,
    });
    expect([code, output]).toEqual([
      1,
      'POSTGRES_URL: the database cannot be used (ECONNREFUSED); start Postgres, or name another.\n',
    ]);
  });

  test('reports in one sentence that the database does not answer', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, output } = await start({
      ...settings,
      POSTGRES_URL: `postgres://u:p@127.0.0.1:${port}/none`,
    });
    server.close();
    expect([code, output]).toEqual([
      1,
      'POSTGRES_URL: the database cannot be used (Connection terminated due to connection timeout); start Postgres, or name another.\n',
    ]);
  }, 20_000);
});
