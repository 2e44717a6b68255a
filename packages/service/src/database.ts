import { edgeMigrations, type ReadinessCheck } from '@tallystick/http';
import { messagingMigrations } from '@tallystick/messaging';
import {
  awaitMigrations,
  bringForward,
  migrate,
  missingMigrations,
  readMigrations,
  UnfitRoleError,
  type MigrationSource,
  type Pool,
} from '@tallystick/postgres';
import { ConfigurationError, readEnvironment } from '@tallystick/config';
import type { Logger } from '@tallystick/telemetry';
import { readDatabaseUrl } from './database-url.ts';
import { environmentOf, migrationEnvironment, type ServiceSettings } from './settings.ts';

/** All that a service keeps in its database: the tables of the packages that it stands on, and its own. */
export function serviceMigrations(schema: MigrationSource): MigrationSource[] {
  return [messagingMigrations, edgeMigrations, schema];
}

/**
 * Returns once the database is as this release needs it: brings it forward, or waits until somebody else has.
 * @param options.schema the service's own tables
 * @throws where a migration fails, or was edited after it ran
 */
export async function prepareDatabase(
  pool: Pool,
  options: { schema: MigrationSource; migrations: ServiceSettings['MIGRATIONS']; logger: Logger },
): Promise<void> {
  const { schema, migrations, logger } = options;
  const sources = serviceMigrations(schema);
  if (migrations === 'run') await migrate(pool, ...sources);
  else
    await awaitMigrations(pool, sources, (lack) =>
      logger.warn({ lack, remedy: 'run the service with --migrate-only' }, 'database.migrations_awaited'),
    );
}

/**
 * That the database is as this release needs it, for as long as the service runs: a restore may set it back.
 * @param schema the service's own tables
 */
export async function migrationsNeed(schema: MigrationSource): Promise<ReadinessCheck> {
  const wanted = await readMigrations(serviceMigrations(schema));
  return {
    part: 'migrations',
    async failure(database) {
      const missing = await missingMigrations(database, wanted);
      return missing.length === 0 ? undefined : `the database lacks ${missing.join(', ')}`;
    },
  };
}

/**
 * What `--migrate-only` does: brings a service's database forward as its owner, and gives the service's role its rights.
 * @returns the names of the migrations that ran now
 * @throws ConfigurationError that names every setting that is missing or wrong
 */
export async function migrateOnly(
  schema: MigrationSource,
  environment: Record<string, string | undefined>,
): Promise<string[]> {
  const settings = await readEnvironment(environmentOf(migrationEnvironment), environment);
  try {
    return await bringForward({
      url: settings.POSTGRES_URL ?? (await readDatabaseUrl(settings.POSTGRES_URL_FILE!)),
      serviceRole: settings.POSTGRES_SERVICE_ROLE,
      sources: serviceMigrations(schema),
    });
  } catch (error) {
    if (error instanceof UnfitRoleError)
      throw new ConfigurationError(`POSTGRES_SERVICE_ROLE: ${error.message}`);
    throw error;
  }
}
