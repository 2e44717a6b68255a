import { setTimeout as delay } from 'node:timers/promises';
import { missingMigrations, readMigrations, type Migration, type MigrationSource } from './migrate.ts';
import type { Pool } from './pool.ts';

const LOOK_INTERVAL_MS = 500;
/** SQLSTATE if the database is not migrated yet (`NO_TABLE`) or this role has no rights yet (`NO_RIGHT`). */
const NO_TABLE = '42P01';
const NO_RIGHT = '42501';

/**
 * Waits until another process, as the owner, has applied all migrations of this release.
 * A database that a later release migrated further is accepted.
 * @param onWait called once, with a sentence that names the missing part
 * @throws if an applied file was edited, or the error of the connection
 */
export async function awaitMigrations(
  pool: Pool,
  sources: readonly MigrationSource[],
  onWait: (sentence: string) => void,
): Promise<void> {
  const wanted = await readMigrations(sources);
  let hasReported = false;
  for (;;) {
    const lack = await lackOf(pool, wanted);
    if (lack === undefined) return;
    if (!hasReported) onWait(lack);
    hasReported = true;
    await delay(LOOK_INTERVAL_MS);
  }
}

async function lackOf(pool: Pool, wanted: readonly Migration[]): Promise<string | undefined> {
  try {
    const missing = await missingMigrations(pool, wanted);
    return missing.length === 0 ? undefined : `the database lacks the migrations ${missing.join(', ')}`;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === NO_TABLE) return 'the database is not migrated yet';
    if (code === NO_RIGHT) return 'this role has no rights in the database yet';
    throw error;
  }
}
