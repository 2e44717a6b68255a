import { createDatabase } from './database.ts';
import { migrate, type MigrationSource } from './migrate.ts';
import { createPool, type Pool } from './pool.ts';

export { workOf, type WorkDone } from './explain.ts';
export { readList } from './read-list.ts';

/** The database of one test file. */
export interface TestDatabase {
  url: string;
  pool: Pool;
  /** Ends the pool and drops the database. */
  close(): Promise<void>;
}

/** Creates a database on the Postgres that `npm test` started, and migrates it. */
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
 * Reads a variable that `npm test` sets for the tests.
 * @throws if it is absent, because the tests were not started by `npm test`
 */
export function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run the tests by \`npm test\``);
  return value;
}
