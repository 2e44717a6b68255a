import { services } from '@tallystick/contracts';
import type { StackFile } from '@tallystick/stack';
import { onDatabase } from './query.ts';

/** What Postgres has done since it started. */
export interface PostgresWork {
  /** Transactions committed, in all databases. */
  commits: number;
  /** Bytes of the write-ahead log. */
  walBytes: number;
  /** Rows that were read by going through a whole table, by `service.table`: a missing index, or a plan that is out of date. */
  rowsScanned: Record<string, number>;
}

/** Reads the counters of the server and of each service's database. */
export async function measurePostgres({ postgres }: StackFile): Promise<PostgresWork> {
  const [row] = await onDatabase(postgres.account!, (query) =>
    query<{ commits: string; wal: string }>(
      `SELECT sum(xact_commit)::text AS commits, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS wal
       FROM pg_stat_database`,
    ),
  );
  const scans = await Promise.all(
    services.map((service) =>
      onDatabase(postgres[service]!, (query) =>
        query<{ place: string; rows: bigint }>(
          `SELECT $1 || '.' || relname AS place, seq_tup_read AS rows FROM pg_stat_user_tables`,
          [service],
        ),
      ),
    ),
  );
  return {
    commits: Number(row!.commits),
    walBytes: Number(row!.wal),
    rowsScanned: Object.fromEntries(scans.flat().map(({ place, rows }) => [place, Number(rows)])),
  };
}
