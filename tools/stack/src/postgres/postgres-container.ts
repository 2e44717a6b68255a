import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import type { Postgres, Surroundings } from '../backing.ts';
import type { Engine } from '../container/container-engine.ts';
import { postgresImage } from '../container/images.ts';
import { postgresContainerOf } from '../container/local-container.ts';
import { initdbFlags, POSTGRES_START_TIMEOUT_MS, postgresFlags } from './postgres-settings.ts';

/** Starts Postgres in a container, with a password of its own for each run. */
export async function startPostgresContainer(engine: Engine, around: Surroundings): Promise<Postgres> {
  const password = randomBytes(18).toString('base64url');
  const container = await postgresContainerOf(
    engine,
    postgresImage,
    join(around.logDirectory, 'postgres.log'),
  )
    .withDatabase('postgres')
    .withUsername('postgres')
    .withPassword(password)
    .withEnvironment({ POSTGRES_INITDB_ARGS: initdbFlags.join(' ') })
    .withCommand(['postgres', ...postgresFlags])
    // the library's own check would hold the password in its command line
    .withHealthCheck({
      test: ['CMD', 'pg_isready', '-h', 'localhost'],
      interval: 250,
      timeout: 1_000,
      retries: 1_000,
    })
    .withStartupTimeout(POSTGRES_START_TIMEOUT_MS)
    .start();
  return {
    url: `postgres://postgres:${password}@${engine.host}:${container.getPort()}/postgres`,
    origin: 'container',
    stop: async () => {
      await container.stop();
    },
  };
}
