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
  /** what it wrote so far */
  said(): string;
  /** resolves once it wrote this, and is rejected where it ends before */
  says(text: string): Promise<void>;
  end(): void;
}

function launch(env: Record<string, string>, ...args: string[]): Launched {
  // the flags by which this process runs from sources
  const flags = process.execArgv.filter((flag) => /^--(conditions|disable-warning)=/.test(flag));
  const child = spawn(process.execPath, [...flags, MAIN, ...args], {
    env: { PATH: process.env['PATH'], ...env },
  });
  let said = '';
  for (const output of [child.stdout, child.stderr])
    output.on('data', (text: Buffer) => (said += text.toString('utf8')));
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    code,
    said: () => said,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (said.includes(text)) resolve();
        };
        child.stdout.on('data', look);
        void code.then(() => reject(new Error(`ended without saying "${text}": ${said}`)));
        look();
      }),
    end: () => void child.kill('SIGTERM'),
  };
}

async function start(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const { code, said } = launch(env);
  return { code: await code, said: said() };
}

/** A port that nothing listens on any more. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a database that is brought forward by its own step', () => {
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

  test('is awaited by a service that may not do it, and by two that do it at once it is done once', async () => {
    const service = launch({
      ...settings,
      POSTGRES_URL: urlOf(names.role),
      TOPIC_PREFIX: `${names.database}.`,
      MIGRATIONS: 'await',
    });
    await service.says('database.migrations_awaited');
    const migration = { POSTGRES_URL: urlOf(names.owner), POSTGRES_SERVICE_ROLE: names.role };
    const both = [migration, migration].map((env) => launch(env, '--migrate-only'));
    expect(await Promise.all(both.map(({ code }) => code))).toEqual([0, 0]);
    expect(both.filter(({ said }) => said().startsWith('Migrated: '))).toHaveLength(1);
    expect(both.filter(({ said }) => said() === 'The database is current.\n')).toHaveLength(1);
    // It goes on: next it connects to Kafka, where no registrar has written anything.
    await service.says('keys.snapshot_awaited');
    service.end();
    await service.code;
  });

  test('is brought forward by nobody whose settings are wrong', async () => {
    const { code, said } = launch({ POSTGRES_SERVICE_ROLE: 'payment' }, '--migrate-only');
    expect(await code).toBe(2);
    expect(said()).toContain('POSTGRES_URL: ');
  });

  test('is not brought forward by a service whose role may not, which says what to do', async () => {
    const { code, said } = await start({ ...settings, POSTGRES_URL: urlOf(names.role) });
    expect([code, said]).toEqual([
      1,
      'POSTGRES_URL: its role may not bring the database forward; name the owner, or set MIGRATIONS to await.\n',
    ]);
  });

  test('gives no rights to a role that is not there, in one sentence', async () => {
    const migration = { POSTGRES_URL: urlOf(names.owner), POSTGRES_SERVICE_ROLE: 'nobody' };
    const { code, said } = launch(migration, '--migrate-only');
    expect(await code).toBe(2);
    expect(said()).toBe('POSTGRES_SERVICE_ROLE: there is no such role in the database\n');
  });

  test('takes no other flag', async () => {
    const { code, said } = launch({}, '--migrate');
    expect([await code, said()]).toEqual([2, '--migrate: is no flag; there is --migrate-only\n']);
  });
});

describe('a service that cannot start', () => {
  test('names every variable that is missing or wrong, never its value, and ends with status 2', async () => {
    const { code, said } = await start({ PORT: '99999', POSTGRES_URL: 'mysql://user:secret@host/db' });
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
      expect(said).toContain(`${name}: `);
    }
    expect(said).not.toContain('secret');
  });

  test('names a key file that others may read', async () => {
    const path = join(directory, 'open.json');
    writeFileSync(path, '{}', { mode: 0o644 });
    const { code, said } = await start({ ...settings, SIGNING_KEY_FILE: path });
    expect([code, said]).toEqual([
      2,
      `the configuration is not usable:\n  SIGNING_KEY_FILE: ${path}: others may read this key; chmod 600 it\n`,
    ]);
  });

  test('names every topic that is missing, and ends with status 2', async () => {
    const database = await createDatabase(process.env['TEST_POSTGRES_URL']!);
    const prefix = `${new URL(database.url).pathname.slice(1)}.`;
    const { code, said } = await start({ ...settings, POSTGRES_URL: database.url, TOPIC_PREFIX: prefix });
    await database.drop();
    const missing = serviceTopics('payment').map((topic) => prefix + topic);
    expect(missing).toContain(`${prefix}payment.commands.v1.quarantine`);
    expect([code, said]).toEqual([
      2,
      `KAFKA_BROKERS: the brokers lack the topics ${missing.join(', ')}; create them, or correct TOPIC_PREFIX\n`,
    ]);
  });

  test('says in a sentence that there is no database', async () => {
    const { code, said } = await start({
      ...settings,
      POSTGRES_URL: `postgres://u:p@127.0.0.1:${await deadPort()}/none`,
    });
    expect([code, said]).toEqual([
      1,
      'POSTGRES_URL: the database cannot be used (ECONNREFUSED); start Postgres, or name another.\n',
    ]);
  });

  test('says in a sentence that the database does not answer', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, said } = await start({
      ...settings,
      POSTGRES_URL: `postgres://u:p@127.0.0.1:${port}/none`,
    });
    server.close();
    expect([code, said]).toEqual([
      1,
      'POSTGRES_URL: the database cannot be used (Connection terminated due to connection timeout); start Postgres, or name another.\n',
    ]);
  }, 20_000);
});
