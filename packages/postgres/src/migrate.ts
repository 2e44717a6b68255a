import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createPool, type Pool, type Queryable } from './pool.ts';
import { grantRights } from './rights.ts';
import { transaction, withoutTimeout, type Transaction } from './transaction.ts';

/** Serializes migrations that start at the same time. The number is arbitrary, but must never change. */
const MIGRATION_LOCK = 7_221_870_001n;

export interface MigrationSource {
  /** The service or package that owns the migrations. Each scope has a separate sequence. */
  scope: string;
  /** A folder of `NNNN-name.sql` files. */
  directory: URL;
  /** History tables: the service inserts rows, and never updates or deletes one. */
  appendOnly?: readonly string[];
  /** Tables that only triggers write, with the rights of the owner. */
  readOnly?: readonly string[];
  /** The only tables from which the service may delete rows. */
  removable?: readonly string[];
  /** Views through which the previous release inserts rows while it runs beside this one. Other views are read-only. */
  insertableViews?: readonly string[];
  /** Former names of tables: views through which the previous release reads and writes its table, by their names. */
  formerNames?: Readonly<Record<string, string>>;
}

/** A migration file of a source. */
export interface Migration {
  scope: string;
  name: string;
  sql: string;
  sha256: string;
}

/**
 * Runs the pending migrations of each source, in the order of their names, in one transaction.
 * There are no down migrations. A file that has run must not change: its digest is stored and compared.
 * @returns the names of the migrations that ran now, as `scope/file`
 * @throws if an applied file was edited or a statement fails; the call is rolled back then
 */
export async function migrate(pool: Pool, ...sources: MigrationSource[]): Promise<string[]> {
  return transaction(pool, (tx) => migrateWithin(tx, sources));
}

/**
 * Migrates a database as its owner, and grants the service's role the privileges that it needs, in one transaction.
 * So no table is ever visible without its grants. A second process that does the same waits for the first, and then has
 * nothing to do.
 * @param options.url URL with the owner's role
 * @param options.serviceRole the role that the service connects as; if absent, no privileges are granted
 * @returns the names of the migrations that ran now, as `scope/file`
 * @throws UnfitRoleError; otherwise as {@link migrate}
 */
export async function bringForward(options: {
  url: string;
  serviceRole?: string | undefined;
  sources: readonly MigrationSource[];
}): Promise<string[]> {
  const { url, serviceRole, sources } = options;
  const pool = createPool({ url, applicationName: 'migrations', maxConnections: 1 });
  try {
    return await transaction(pool, async (tx) => {
      const ran = await migrateWithin(tx, sources);
      if (serviceRole !== undefined) await grantRights(tx, serviceRole, sources);
      return ran;
    });
  } finally {
    await pool.end();
  }
}

/**
 * Returns the migrations that the database has not applied. Applied migrations of a later release are ignored.
 * @param wanted the result of {@link readMigrations}
 * @returns their names, as `scope/file`
 * @throws if an applied file was edited
 */
export async function missingMigrations(on: Queryable, wanted: readonly Migration[]): Promise<string[]> {
  const applied = await appliedMigrations(on);
  return wanted.filter((one) => !isApplied(one, applied)).map(nameOf);
}

async function migrateWithin(tx: Transaction, sources: readonly MigrationSource[]): Promise<string[]> {
  // No time limit, because tables may be large. A second process waits for the lock without limit too.
  await tx.query('SET LOCAL statement_timeout = 0');
  await tx.query(withoutTimeout({ text: 'SELECT pg_advisory_xact_lock($1)', values: [MIGRATION_LOCK] }));
  await tx.query(
    `CREATE TABLE IF NOT EXISTS schema_migrations (
       scope text NOT NULL, name text NOT NULL, sha256 text NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (scope, name))`,
  );
  const applied = await appliedMigrations(tx);
  const ran: string[] = [];
  for (const migration of await readMigrations(sources)) {
    if (isApplied(migration, applied)) continue;
    const { scope, name, sql, sha256 } = migration;
    await tx.query(withoutTimeout({ text: sql }));
    await tx.query('INSERT INTO schema_migrations (scope, name, sha256) VALUES ($1, $2, $3)', [
      scope,
      name,
      sha256,
    ]);
    ran.push(nameOf(migration));
  }
  return ran;
}

/** Reads the migrations of this release, in the order in which they run. */
export async function readMigrations(sources: readonly MigrationSource[]): Promise<Migration[]> {
  const all = sources.map(async ({ scope, directory }) => {
    const names = (await readdir(fileURLToPath(directory))).filter((name) => name.endsWith('.sql')).sort();
    return Promise.all(
      names.map(async (name) => {
        const sql = await readFile(new URL(name, directory), 'utf8');
        return { scope, name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
      }),
    );
  });
  return (await Promise.all(all)).flat();
}

/** Returns the digests of the applied migrations by `scope/file`. */
async function appliedMigrations(on: Queryable): Promise<Map<string, string>> {
  const { rows } = await on.query<{ scope: string; name: string; sha256: string }>(
    'SELECT scope, name, sha256 FROM schema_migrations',
  );
  return new Map(rows.map((row) => [nameOf(row), row.sha256]));
}

function isApplied(migration: Migration, applied: ReadonlyMap<string, string>): boolean {
  const known = applied.get(nameOf(migration));
  if (known !== undefined && known !== migration.sha256)
    throw new Error(`migration ${nameOf(migration)} was changed after it ran; add a new one`);
  return known !== undefined;
}

function nameOf({ scope, name }: { scope: string; name: string }): string {
  return `${scope}/${name}`;
}
