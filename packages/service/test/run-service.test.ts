import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestDatabase } from '@tallystick/postgres/testing';

const PROGRAM = join(import.meta.dirname, 'program.ts');
/** The flags by which this process runs from sources. */
const FLAGS = process.execArgv.filter((flag) => /^--(conditions|disable-warning)=/.test(flag));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-run-service-'));
});
afterAll(() => rm(directory, { recursive: true }));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the frame of a `main.ts` in a child process. */
function launch(
  behaviour: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended>; started: Promise<unknown> } {
  const child = spawn(process.execPath, [...FLAGS, PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], BEHAVIOUR: behaviour, DIRECTORY: directory, ...env },
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (said.out += text.toString('utf8')));
  child.stderr.on('data', (text: Buffer) => (said.err += text.toString('utf8')));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, ended, started: once(child.stdout, 'data') };
}

const run = (...given: Parameters<typeof launch>): Promise<Ended> => launch(...given).ended;

describe('a service', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'stops everything on %s and exits with status 0',
    async (signal) => {
      const { child, ended, started } = launch('listen 0');
      await started;
      child.kill(signal);
      expect(await ended).toEqual({ code: 0, out: 'started\nstopping\nstopped\n', err: '' });
    },
  );
});

describe('a service that cannot start', () => {
  test('names the port that is taken', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, err } = await run(`listen ${port}`);
    server.close();
    expect([code, err]).toEqual([1, `PORT: ${port} is taken; choose another, or end what listens there.\n`]);
  });

  test.each([
    ['ENOSPC', 'The disk is full'],
    ['42501', 'POSTGRES_URL: its role may not bring the database forward'],
    ['SELF_SIGNED_CERT_IN_CHAIN', "POSTGRES_URL: the server's certificate is not trusted"],
    ['28P01', 'POSTGRES_URL: the database cannot be used (28P01)'],
    ['ECONNREFUSED', 'POSTGRES_URL: the database cannot be used (ECONNREFUSED)'],
  ])('names the remedy for %s in one sentence', async (fault, sentence) => {
    const { code, err } = await run(`fail-with ${fault}`);
    expect(code).toBe(1);
    expect(err).toContain(sentence);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  test('shows the stack of an unexpected error', async () => {
    const { code, err } = await run('fail broken');
    expect(code).toBe(1);
    expect(err).toMatch(/Error: broken\n\s+at /);
  });

  test('refuses a flag that it does not know', async () => {
    expect(await run('listen 0', ['--migrate'])).toEqual({
      code: 2,
      out: '',
      err: '--migrate: is no flag; there is --migrate-only, --contracts, --can-deploy\n',
    });
  });
});

describe('--migrate-only', () => {
  test('runs the migrations without starting the service', async () => {
    const database = await openTestDatabase();
    try {
      const env = { POSTGRES_URL: database.url };
      const first = await run('fail', ['--migrate-only'], env);
      expect([first.code, first.err]).toEqual([0, '']);
      expect(first.out).toMatch(/^Migrated: .*test\/0001-thing\.sql\n$/);
      const second = await run('fail', ['--migrate-only'], env);
      expect(second).toEqual({ code: 0, out: 'The database is current.\n', err: '' });
    } finally {
      await database.close();
    }
  });

  test('exits with status 2 and the name of the missing setting', async () => {
    const { code, err } = await run('fail', ['--migrate-only']);
    expect(code).toBe(2);
    expect(err).toContain('POSTGRES_URL: is not set');
  });
});
