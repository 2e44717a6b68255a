import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

import { PrerequisiteError, systemErrorCode, unlessMissing } from '../errors.ts';
import { isAlive, ownIdentity } from './process-identity.ts';

const claimSchema = z.object({ pid: z.int().positive(), startTime: z.string() });

/**
 * Claims a directory for this process, so that two stacks never write the same files. The claim of a killed process is
 * void.
 *
 * @param directory created if missing, readable by its owner only
 * @returns a function that releases the directory
 * @throws PrerequisiteError if a living process holds it
 */
export function claimDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'owner.json');
  const held = holder(path);
  if (held !== null) {
    throw new PrerequisiteError(
      `A stack already runs in ${resolve(directory)} (pid ${held}): stop it with Ctrl-C, or choose another directory.`,
    );
  }
  rmSync(path, { force: true });
  try {
    writeFileSync(path, JSON.stringify(ownIdentity()), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    throw new PrerequisiteError(
      `Another stack is starting in ${resolve(directory)}: choose another directory.`,
    );
  }
  return () => rmSync(path, { force: true });
}

/** Returns the pid of the living process that has claimed the directory, or null. */
function holder(path: string): number | null {
  const text = unlessMissing(() => readFileSync(path, 'utf8'), '');
  if (!text.endsWith('}')) return null;
  const { pid, startTime } = claimSchema.parse(JSON.parse(text));
  return isAlive(pid, startTime) ? pid : null;
}
