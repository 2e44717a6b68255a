import { setTimeout as delay } from 'node:timers/promises';
import { missingMigrations, readMigrations, type Migration, type MigrationSource } from './migrate.ts';
import type { Pool } from './pool.ts';

const LOOK_INTERVAL_MS = 500;
/** SQLSTATE of a database where nothing was migrated yet, and of one whose rights were not given to this role yet. */
const NO_TABLE = '42P01';
const NO_RIGHT = '42501';

/**
 * Waits until another process, as the owner, has brought the database forward as far as this release needs. A database
 * that a later release took further will do.
 * @param onWait told once, in a sentence, what is waited for
 * @throws where an applied file was edited, or the connection's own error
 */
export async function awaitMigrations(
  pool: Pool,
  sources: readonly MigrationSource[],
  onWait: (sentence: string) => void,
): Promise<void> {
  const wanted = await readMigrations(sources);
  let hasTold = false;
  for (;;) {
    const lack = await lackOf(pool, wanted);
    if (lack === undefined) return;
    if (!hasTold) onWait(lack);
    hasTold = true;
    await delay(LOOK_INTERVAL_MS);
  }
}

async function lackOf(pool: Pool, wanted: readonly Migration[]): Promise<string | undefined> {
  try {
    const missing = await missingMigrations(pool, wanted);
    return missing.length === 0 ? undefined : `the database lacks the migrations ${missing.join(', ')}`;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === NO_TABLE) return 'nothing was migrated in the database yet';
    if (code === NO_RIGHT) return 'the database gives this role no rights yet';
    throw error;
  }
}
