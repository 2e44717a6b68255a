import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createPool, type Pool, type Queryable } from './pool.ts';
import { grantRights } from './rights.ts';
import { transaction, withoutTimeout, type Transaction } from './transaction.ts';

/** Serializes migrations of all replicas that start at once. Any constant will do, as long as it stays. */
const MIGRATION_LOCK = 7_221_870_001n;

export interface MigrationSource {
  /** Whose migrations these are: a service or a package. Each keeps its own sequence. */
  scope: string;
  /** A folder of `NNNN-name.sql` files. */
  directory: URL;
  /** Tables of history: the service adds rows, and never changes or removes one. */
  appendOnly?: readonly string[];
  /** Tables from which the service removes rows; from no other it may. */
  removable?: readonly string[];
  /** Views through which the previous release adds rows, while it runs beside this one. Other views are only read. */
  insertableViews?: readonly string[];
  /** Former names of tables: views through which the previous release reads and writes its table, by their names. */
  formerNames?: Readonly<Record<string, string>>;
}

/** A file of a source. */
export interface Migration {
  scope: string;
  name: string;
  sql: string;
  sha256: string;
}

/**
 * Brings the database forward: runs each source's `*.sql` in the order of their names, once, in one transaction.
 * Forward only. A file that has run must not change: its digest is kept and compared.
 * @returns the names of the migrations that ran now, as `scope/file`
 * @throws where an applied file was edited or a statement fails; nothing of this call is kept then
 */
export async function migrate(pool: Pool, ...sources: MigrationSource[]): Promise<string[]> {
  return transaction(pool, (tx) => migrateWithin(tx, sources));
}

/**
 * Brings a database forward as its owner, and gives the service's role what it needs of it and no more, in one
 * transaction: no table is ever there without its rights. Whoever comes second waits for the first, and finds nothing
 * to do.
 * @param options.url the owner's
 * @param options.serviceRole the role that the service connects as; where absent, no right is given
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
 * Which of these migrations the database has not seen. Others that it has seen, of a later release, are fine.
 * @param wanted as {@link readMigrations} reads them
 * @returns their names, as `scope/file`
 * @throws where an applied file was edited
 */
export async function missingMigrations(on: Queryable, wanted: readonly Migration[]): Promise<string[]> {
  const applied = await appliedMigrations(on);
  return wanted.filter((one) => !isApplied(one, applied)).map(nameOf);
}

async function migrateWithin(tx: Transaction, sources: readonly MigrationSource[]): Promise<string[]> {
  // However large a table has grown: a migration takes the time that it takes, and whoever comes second waits for it.
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

/** Reads the migrations that this release knows, in the order in which they run. */
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

/** @returns digests by `scope/file` */
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
