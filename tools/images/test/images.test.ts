import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { CertificateAuthority, heapFlags } from '@tallystick/stack';
import { tooLarge } from '../src/build-images.ts';
import { revisionOf, stageContext } from '../src/context.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const RUNTIME = join(ROOT, 'tools', 'images', 'runtime');
const directory = mkdtempSync(join(tmpdir(), 'tallystick-images-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The instructions of the Dockerfile's last stage, by name. */
function lastStage(): Map<string, string> {
  const lines = readFileSync(join(ROOT, 'infra', 'docker', 'Dockerfile'), 'utf8')
    .replaceAll('\\\n', '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const stage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  return new Map(
    stage.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trim()]),
  );
}

/** The command of an instruction in exec form, which starts no shell. */
function commandOf(instruction: string): unknown {
  return JSON.parse(instruction.slice(instruction.indexOf('[')));
}

describe('an image', () => {
  const instructions = lastStage();

  test('uses the same heap settings as a service in the stack', () => {
    expect(heapFlags).not.toHaveLength(0);
    expect(commandOf(instructions.get('ENTRYPOINT')!)).toEqual(expect.arrayContaining([...heapFlags]));
  });

  test('runs as a numeric user', () => {
    expect(instructions.get('USER')).toBe('10001:10001');
  });

  test('starts the service and its health check without a shell', () => {
    for (const name of ['ENTRYPOINT', 'HEALTHCHECK'])
      expect(commandOf(instructions.get(name)!)).toEqual(expect.arrayContaining(['node']));
  });
});

describe('the health check of an image', () => {
  test.each(['http', 'https'])('asks the service over %s', async (scheme) => {
    const authority = await CertificateAuthority.generate(Date.now(), 60_000);
    // A name that the check does not use: the connection does not leave the container.
    const { certificate, key } = await authority.issue('payment', ['payment'], Date.now());
    const asked: (string | undefined)[] = [];
    const answer: RequestListener = ({ url }, response) => {
      asked.push(url);
      response.writeHead(url === '/health/ready' ? 200 : 503).end();
    };
    const server =
      scheme === 'http' ? createServer(answer) : createHttpsServer({ cert: certificate, key }, answer);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const check = async (...args: string[]): Promise<unknown> => {
      const { port } = server.address() as AddressInfo;
      const env = { PORT: `${port}`, ...(scheme === 'http' ? {} : { TLS_CERTIFICATE_FILE: '/tls.crt' }) };
      const child = spawn(process.execPath, [join(RUNTIME, 'health.js'), ...args], { env });
      const [status] = await once(child, 'close');
      return status;
    };
    try {
      expect(await check()).toBe(0);
      expect(await check('/health/live')).toBe(1);
      expect(asked).toEqual(['/health/ready', '/health/live']);
    } finally {
      server.close();
    }
  });
});

describe('an image that is more than 120 MB above its base', () => {
  test('is reported by its name', () => {
    expect(
      tooLarge([
        { image: 'tallystick/card:dev', bytesAboveBase: 120_000_001 },
        { image: 'tallystick/auth:dev', bytesAboveBase: 120_000_000 },
      ]),
    ).toEqual(['tallystick/card:dev is 120.0 MB above its base; the limit is 120.0 MB']);
  });
});

describe('the build context', () => {
  test('contains sources and lock file with the time of the commit, but no tests, builds or local state', async () => {
    const revision = await revisionOf(ROOT);
    const context = await stageContext(ROOT, revision);
    const names = readdirSync(context, { recursive: true, encoding: 'utf8' });
    try {
      expect(names).toEqual(
        expect.arrayContaining([
          'package-lock.json',
          'services/payment/src/main.ts',
          'services/payment/src/store/migrations/0001-payment.sql',
          'infra/docker/Dockerfile',
          'tools/probe/src/main.ts',
        ]),
      );
      expect(names.filter((name) => /node_modules|\/dist\/|\/test\/|\.tallystick|\.env$/.test(name))).toEqual(
        [],
      );
      expect(statSync(join(context, 'package.json')).mtimeMs).toBe(revision.timeS * 1000);
    } finally {
      await rm(context, { recursive: true, force: true });
    }
  });
});

describe('process 1 of a container', () => {
  /** The kernel treats process 1 specially; this tests the module's own part. */
  async function run(source: string): Promise<{ code: number | null; signal: string | null; said: string }> {
    const file = join(directory, `${Math.random().toString(36).slice(2)}.mjs`);
    writeFileSync(file, `${source}; setInterval(() => {}, 1000); process.stdout.write('up\\n');`);
    const child = spawn(process.execPath, [`--import=${join(RUNTIME, 'process-one.js')}`, file]);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (said === '') child.kill('SIGTERM');
      said += chunk.toString();
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return { code, signal, said };
  }

  test('ends on SIGTERM while the service has no handler', async () => {
    expect(await run('')).toMatchObject({ code: 143, signal: null });
  });

  test('leaves SIGTERM to the handler of the service', async () => {
    const stop = `process.once('SIGTERM', () => setTimeout(() => { process.stdout.write('stopped'); process.exit(0); }, 20))`;
    expect(await run(stop)).toEqual({ code: 0, signal: null, said: 'up\nstopped' });
  });
});
