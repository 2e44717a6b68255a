import { auditMigrations } from '@tallystick/audit';
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

/** Returns the migrations of a service: those of the packages that it uses, then its own. */
export function serviceMigrations(schema: MigrationSource): MigrationSource[] {
  return [messagingMigrations, edgeMigrations, auditMigrations, schema];
}

/**
 * Waits until the database has the schema of this release, by running the migrations or waiting for another process.
 * @param options.schema the service's own tables
 * @throws if a migration fails or was edited after it ran
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
 * Creates the readiness check that the database has every migration; a restore may remove some while the service runs.
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
 * Runs the migrations as the database owner and grants the service's role its rights: `--migrate-only`.
 * @returns the names of the migrations that ran now
 * @throws ConfigurationError that names every missing or invalid setting
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
