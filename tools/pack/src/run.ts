import { execFile } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './packages.ts';

const OUTPUT_BYTES_MAX = 8 * 1_048_576;

/**
 * Runs a program.
 * @param program npm, one of this repository's dependencies by its name, or a path
 * @returns its output
 * @throws Error with its output if it fails
 */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const file =
    program === 'npm' || isAbsolute(program) ? program : join(ROOT, 'node_modules', '.bin', program);
  try {
    const { stdout } = await promisify(execFile)(file, args, { cwd, maxBuffer: OUTPUT_BYTES_MAX });
    return stdout;
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause });
  }
}
