import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Pool } from './pool.ts';
import { transaction } from './transaction.ts';

/** Serializes migrations of all replicas that start at once. Any constant will do, as long as it stays. */
const MIGRATION_LOCK = 7_221_870_001n;

export interface MigrationSource {
  /** Whose migrations these are: a service or a package. Each keeps its own sequence. */
  scope: string;
  /** A folder of `NNNN-name.sql` files. */
  directory: URL;
}

/**
 * Brings the database forward: runs each source's `*.sql` in the order of their names, once, in one transaction.
 * Forward only. A file that has run must not change: its digest is kept and compared.
 * @returns the names of the migrations that ran now, as `scope/file`
 * @throws where an applied file was edited or a statement fails; nothing of this call is kept then
 */
export async function migrate(pool: Pool, ...sources: MigrationSource[]): Promise<string[]> {
  return transaction(pool, async (tx) => {
    // However large a table has grown: a migration takes the time that it takes.
    await tx.query('SET LOCAL statement_timeout = 0');
    await tx.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await tx.query(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         scope text NOT NULL, name text NOT NULL, sha256 text NOT NULL,
         applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (scope, name))`,
    );
    const applied = new Map<string, string>();
    const rows = await tx.query<{ scope: string; name: string; sha256: string }>(
      'SELECT scope, name, sha256 FROM schema_migrations',
    );
    for (const row of rows.rows) applied.set(`${row.scope}/${row.name}`, row.sha256);

    const ran: string[] = [];
    for (const { scope, directory } of sources) {
      const names = (await readdir(fileURLToPath(directory))).filter((name) => name.endsWith('.sql')).sort();
      for (const name of names) {
        const sql = await readFile(new URL(name, directory), 'utf8');
        const sha256 = createHash('sha256').update(sql).digest('hex');
        const known = applied.get(`${scope}/${name}`);
        if (known === sha256) continue;
        if (known !== undefined)
          throw new Error(`migration ${scope}/${name} was changed after it ran; add a new one`);
        await tx.query(sql);
        await tx.query('INSERT INTO schema_migrations (scope, name, sha256) VALUES ($1, $2, $3)', [
          scope,
          name,
          sha256,
        ]);
        ran.push(`${scope}/${name}`);
      }
    }
    return ran;
  });
}
