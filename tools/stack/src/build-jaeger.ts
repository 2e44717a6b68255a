import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { cacheDirectory } from './cache-directory.ts';
import { program, type ExitStatus } from './command-line.ts';
import { PrerequisiteError } from './errors.ts';
import { stopOnExit } from './process/stop-on-exit.ts';
import { builtJaeger } from './traces/jaeger-process.ts';

const run = promisify(execFile);
const PROGRAM = 'github.com/jaegertracing/jaeger/cmd/jaeger';
const PROGRESS_EVERY_MS = 15_000;

/** Runs `tallystick build-jaeger`. */
export const buildJaeger = program(async (): Promise<ExitStatus> => {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(0)} s`;
  const version = await requireGo();
  mkdirSync(cacheDirectory(), { recursive: true });
  // an interrupted build must not leave an incomplete program under the final name
  const draft = `${builtJaeger()}.${process.pid}`;
  print(`Building Jaeger with ${version} (about 4 minutes the first time)`);
  const timer = setInterval(() => print(`  still building, ${seconds()}`), PROGRESS_EVERY_MS);
  try {
    await goBuild(draft);
    renameSync(draft, builtJaeger());
  } finally {
    clearInterval(timer);
    rmSync(draft, { force: true });
  }
  print(`Built ${builtJaeger()} in ${seconds()}`);
  return 0;
});

async function requireGo(): Promise<string> {
  try {
    return (await run('go', ['env', 'GOVERSION'])).stdout.trim();
  } catch (error) {
    throw new PrerequisiteError(
      'Go is not installed: install Go 1.24 or later, or a container engine to use the image of Jaeger.',
      {
        cause: error,
      },
    );
  }
}

async function goBuild(output: string): Promise<void> {
  const args = ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', output, PROGRAM];
  const child = spawn('go', args, {
    cwd: join(import.meta.dirname, '..', 'jaeger'),
    stdio: 'inherit',
    detached: true,
  });
  const unregister = stopOnExit(async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    rmSync(output, { force: true });
  });
  const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  unregister();
  if (status !== 0) {
    throw new PrerequisiteError(
      `go build ended with ${signal ?? `exit status ${status}`}; see above for the reason, and check that this machine can reach a Go module proxy and has 3 GB free.`,
    );
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
