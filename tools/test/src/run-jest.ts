import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { sourceFlags, stopOnExit } from '@tallystick/stack';

/** Jest waits for resources that tests left open, e.g. after a failure; without this limit, for ever. */
const EXIT_GRACE_MS = 20_000;

/** The root of the checkout. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Jest runs ES modules through an interface of Node that is still experimental. */
const NODE_FLAGS = ['--experimental-vm-modules', ...sourceFlags];

/**
 * Runs jest from the root of the checkout, with the output of this process.
 *
 * @param args further arguments for jest
 * @param options.reportPath path of jest's report; jest writes none if it only lists or explains
 * @param options.env variables to add to the environment of this process
 * @returns the exit status
 */
export async function runJest(
  args: readonly string[],
  { reportPath, env }: { reportPath: string; env: Record<string, string> },
): Promise<number> {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const child = spawn(
    process.execPath,
    [...NODE_FLAGS, jest, '--config', 'jest.config.js', '--json', '--outputFile', reportPath, ...args],
    // the report goes to the file; jest writes its readable output to stderr
    { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['inherit', 'inherit', 'inherit'] },
  );
  const unregister = stopOnExit(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  let reportedAtMs: number | undefined;
  const watch = setInterval(() => {
    if (!existsSync(reportPath)) return;
    reportedAtMs ??= performance.now();
    if (performance.now() - reportedAtMs < EXIT_GRACE_MS) return;
    process.stderr.write('A test left a handle open, so jest does not exit; it is killed.\n');
    child.kill('SIGKILL');
  }, 1_000);
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  clearInterval(watch);
  unregister();
  return code ?? 128 + constants.signals[signal ?? 'SIGTERM'];
}
