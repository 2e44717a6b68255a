import { createDatabase } from './database.ts';
import { migrate, type MigrationSource } from './migrate.ts';
import { createPool, type Pool } from './pool.ts';

/** A database of a test file's own. */
export interface TestDatabase {
  url: string;
  pool: Pool;
  /** Ends the pool and drops the database. */
  close(): Promise<void>;
}

/** Makes a database on the Postgres that `npm test` started, and brings it forward. */
export async function openTestDatabase(...sources: MigrationSource[]): Promise<TestDatabase> {
  const database = await createDatabase(fromEnvironment('TEST_POSTGRES_URL'));
  const pool = createPool({ url: database.url, applicationName: 'test' });
  if (sources.length > 0) await migrate(pool, ...sources);
  return {
    url: database.url,
    pool,
    async close() {
      await pool.end();
      await database.drop();
    },
  };
}

/**
 * Reads what `npm test` tells the tests.
 * @throws where it is not there: the tests were begun by something else
 */
export function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run the tests by \`npm test\``);
  return value;
}
