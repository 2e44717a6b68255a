import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PrerequisiteError } from '@tallystick/stack/errors.ts';

const run = promisify(execFile);
/** Engines that copy a file out of a container that never ran. */
const engines = ['docker', 'podman'] as const;
/** A container needs a command; this one never runs. */
const NO_COMMAND = 'none';

/**
 * Reads a text file of an image. Nothing of the image runs.
 * @param path of the file in the image
 * @throws PrerequisiteError if no engine is installed
 * @throws Error with the engine's own sentence if it has no such image, or the image no such file
 */
export async function readImageFile(image: string, path: string): Promise<string> {
  const create = ['create', '--network=none', image, NO_COMMAND];
  for (const engine of engines) {
    try {
      const { stdout } = await run(engine, create);
      return await copiedFrom(engine, stdout.trim(), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        throw new Error(lastLine(error), { cause: error });
    }
  }
  throw new PrerequisiteError(`No container engine is here: install ${engines.join(' or ')}.`);
}

async function copiedFrom(engine: string, container: string, path: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-image-'));
  try {
    const copy = join(directory, 'file');
    await run(engine, ['cp', `${container}:${path}`, copy]);
    return await readFile(copy, 'utf8');
  } finally {
    await Promise.all([run(engine, ['rm', container]), rm(directory, { recursive: true })]);
  }
}

/** Returns what a program said last. */
function lastLine(error: unknown): string {
  const { stderr = '' } = error as { stderr?: string };
  return stderr.trim().split('\n').at(-1) || String(error);
}
