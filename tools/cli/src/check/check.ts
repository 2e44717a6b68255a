import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { printJson, program, say, stopOnExit, type ExitStatus } from '@tallystick/stack';
import { checkNames, checks, type CheckFlags, type CheckName } from './command.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const BIN = join(ROOT, 'node_modules', '.bin');

interface CheckResult {
  check: CheckName;
  passed: boolean;
  seconds: number;
}

/** Runs `tallystick check`. */
export const check = program(async ({ json }: CheckFlags, ...names: CheckName[]): Promise<ExitStatus> => {
  const results: CheckResult[] = [];
  for (const name of checkNames) {
    if (names.length > 0 && !names.includes(name)) continue;
    const [tool, ...args] = checks[name];
    say(`\n== ${name}: ${tool} ${args.join(' ')}`);
    const began = performance.now();
    const passed = await runsWell(join(BIN, tool), args);
    results.push({ check: name, passed, seconds: Number(((performance.now() - began) / 1000).toFixed(1)) });
  }
  const failed = results.filter(({ passed }) => !passed);
  if (json === true) printJson({ checks: results });
  else process.stdout.write(textOf(results));
  return failed.length === 0 ? 0 : 1;
});

/** Runs a program with its output on stderr. @returns whether it ended with 0 */
async function runsWell(file: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(file, args, { cwd: ROOT, stdio: ['inherit', process.stderr, process.stderr] });
  const unregister = stopOnExit(async () => void child.kill('SIGTERM'));
  const status = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('exit', resolve),
  );
  unregister();
  return status === 0;
}

function textOf(results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({ check: name }) => name.length));
  const lines = results.map(
    ({ check: name, passed, seconds }) => `${passed ? '✓' : '✗'} ${name.padEnd(width)}  ${seconds} s\n`,
  );
  return `\n${lines.join('')}`;
}
