import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

import { cacheDirectory } from './cache-directory.ts';
import { asksForHelp, readFlags } from './command-line.ts';
import { PrerequisiteError } from './errors.ts';
import { stopOnExit } from './process/stop-on-exit.ts';
import { reportFault } from './report-fault.ts';
import { builtJaeger } from './traces/jaeger-process.ts';

const run = promisify(execFile);
const PROGRAM = 'github.com/jaegertracing/jaeger/cmd/jaeger';
const PROGRESS_EVERY_MS = 15_000;

const usage = `Usage: npm run jaeger:build

Builds Jaeger 2 with Go into the cache, where npm run stack finds it. About 4 minutes, once. The program has Jaeger's
query API and takes OTLP; its pages come only with Jaeger's own releases and images.

Options:
  --help   show this
`;

try {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) process.stdout.write(usage);
  else {
    readFlags({ command: 'npm run jaeger:build', schema: z.strictObject({}) }, args);
    await build();
  }
} catch (fault) {
  process.exit(reportFault(fault));
}

async function build(): Promise<void> {
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
}

async function requireGo(): Promise<string> {
  try {
    return (await run('go', ['env', 'GOVERSION'])).stdout.trim();
  } catch (error) {
    throw new PrerequisiteError(
      'Go is not installed: install Go 1.24 or later, or a container engine, whose Jaeger image is used then.',
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
      `go build ended with ${signal ?? `exit status ${status}`}, for the reason above: check that this machine reaches a Go module proxy and has 3 GB free.`,
    );
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
