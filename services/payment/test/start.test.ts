import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

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

async function start(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['--conditions=@tallystick/source', MAIN], {
    env: { PATH: process.env['PATH'], ...env },
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString('utf8')));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

/** A port that nothing listens on any more. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

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
    expect([code, said]).toEqual([2, `${path}: others may read this key; chmod 600 it\n`]);
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
});
