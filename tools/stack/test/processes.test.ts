import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { claimDirectory, startProcess, until, type ProcessOptions } from '../src/index.ts';
import { sourceFlags } from '../src/process/source-flags.ts';
import { startTimeOf } from '../src/process/process-identity.ts';
import { endOrphans } from '../src/process/run.ts';

const directory = mkdtempSync(join(tmpdir(), 'stack-test-'));
const runs: ChildProcess[] = [];
const cacheBefore = process.env['XDG_CACHE_HOME'];
beforeAll(() => {
  // a separate register of runs
  process.env['XDG_CACHE_HOME'] = directory;
});
afterAll(async () => {
  for (const child of runs) child.kill('SIGKILL');
  await Promise.all(
    runs
      .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      .map((child) => once(child, 'exit')),
  );
  await endOrphans(() => {});
  if (cacheBefore === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = cacheBefore;
  rmSync(directory, { recursive: true, force: true });
});

/** Starts another program that opens a run, and waits until it reports that its process is ready. */
async function startRunToBeKilled() {
  const child = spawn(process.execPath, [...sourceFlags, join(import.meta.dirname, 'run-to-be-killed.ts')], {
    env: { ...process.env, XDG_CACHE_HOME: directory, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  runs.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { pid, dataDirectory } = JSON.parse(line.toString()) as { pid: number; dataDirectory: string };
  return { child, pid, dataDirectory };
}

describe('a run that was killed', () => {
  test('has its processes ended and its data removed by the next run; other runs are untouched', async () => {
    const [killed, living] = await Promise.all([startRunToBeKilled(), startRunToBeKilled()]);
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    expect(startTimeOf(killed.pid)).not.toBeNull();

    const lines: string[] = [];
    expect(await endOrphans((line) => lines.push(line))).toBe(1);
    expect(lines).toEqual([`Ended the leftovers of a killed run: left-behind (pid ${killed.pid})`]);
    expect(startTimeOf(killed.pid)).toBeNull();
    expect(existsSync(killed.dataDirectory)).toBe(false);

    expect(startTimeOf(living.pid)).not.toBeNull();
    living.child.kill('SIGKILL');
    await once(living.child, 'exit');
    await endOrphans(() => {});
    expect(startTimeOf(living.pid)).toBeNull();
  }, 30_000);

  test('never ends an unrelated process that has the same pid', async () => {
    const { child, pid, dataDirectory } = await startRunToBeKilled();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const file = findPidFile(directory);
    const content = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...content, startTime: 'another/1' }));
    expect(await endOrphans(() => {})).toBe(0);
    expect(startTimeOf(pid)).not.toBeNull();
    expect(existsSync(dataDirectory)).toBe(false);
    process.kill(pid, 'SIGKILL');
  }, 30_000);
});

function findPidFile(cache: string): string {
  const register = join(cache, 'tallystick', 'runs');
  const [run] = readdirSync(register);
  return join(register, run ?? '', 'pids', 'left-behind.pid.json');
}

describe('a supervised process', () => {
  const options = (script: string): ProcessOptions => ({
    name: 'worker',
    command: process.execPath,
    args: ['-e', script],
    env: { COLOUR: 'red' },
    logFile: join(directory, 'worker.log'),
    pidDirectory: directory,
    readyWhen: async () => /ready/.test(readFileSync(join(directory, 'worker.log'), 'utf8')),
    timeoutMs: 10_000,
  });
  const serving = `console.log('ready', process.env.COLOUR); setInterval(() => {}, 1000)`;

  test('fails the start with the last lines of its log if it ends early', async () => {
    const start = startProcess(options(`console.error('no such account'); process.exit(3)`));
    await expect(start).rejects.toThrow(
      /worker ended with exit status 3 before it was ready.*\n.*no such account/,
    );
  });

  test('can be killed and restarted with the same environment', async () => {
    const worker = await startProcess(options(serving));
    const first = worker.pid;
    await worker.kill('SIGKILL');
    expect(worker.running).toBe(false);
    expect(await worker.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await worker.restart();
    expect(worker.pid).not.toBe(first);
    expect(
      await until(
        () => readFileSync(join(directory, 'worker.log'), 'utf8') === 'ready red\nready red\n',
        5_000,
      ),
    ).toBe(true);
    await worker.stop();
    expect(startTimeOf(worker.pid)).toBeNull();
    expect(existsSync(join(directory, 'worker.pid.json'))).toBe(false);
  });

  test('is killed after the timeout if it ignores SIGTERM', async () => {
    const deaf = `process.on('SIGTERM', () => {}); ${serving}`;
    const worker = await startProcess({ ...options(deaf), stopTimeoutMs: 200 });
    await worker.stop();
    expect(await worker.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('is reported if it ends by itself', async () => {
    const { promise, resolve } = Promise.withResolvers<Error>();
    const worker = await startProcess({ ...options(serving), onUnexpectedExit: resolve });
    process.kill(worker.pid, 'SIGKILL');
    expect((await promise).message).toMatch(/worker ended by SIGKILL/);
  });

  test('names its program in one sentence if that is not installed', async () => {
    const start = startProcess({ ...options(''), command: 'no-such-program' });
    await expect(start).rejects.toThrow('no-such-program, which worker needs, is not installed.');
  });
});

test('a directory can be claimed by one living stack only', () => {
  const release = claimDirectory(join(directory, 'claimed'));
  expect(() => claimDirectory(join(directory, 'claimed'))).toThrow(
    `already runs in ${join(directory, 'claimed')} (pid ${process.pid})`,
  );
  release();
  claimDirectory(join(directory, 'claimed'))();
});
