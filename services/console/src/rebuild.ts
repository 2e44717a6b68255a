import { readEnvironment } from '@tallystick/config';
import { createPool } from '@tallystick/postgres';
import { databaseEnvironment, databaseUrl, environmentOf } from '@tallystick/service';
import { createLogger } from '@tallystick/telemetry';
import { rebuildIndex } from './message-index/index-store.ts';

/**
 * Empties the index of messages, so that the console reads all topics again; a running one begins at once.
 * @param env has the location of the database
 * @throws ConfigurationError if it is missing or invalid
 */
export async function rebuild(env: Record<string, string | undefined>): Promise<0> {
  const settings = await readEnvironment(environmentOf(databaseEnvironment), env);
  const logger = createLogger({ service: 'console', level: 'warn', confidentialFields: [] });
  const pool = createPool({
    url: await databaseUrl(settings, logger),
    applicationName: 'console',
    maxConnections: 1,
  });
  try {
    await rebuildIndex(pool);
  } finally {
    await pool.end();
  }
  return 0;
}
