import { services } from '@tallystick/contracts';
import type { StackFile } from '@tallystick/stack';
import { onDatabase } from './query.ts';

/** What Postgres has done since it started. */
export interface PostgresWork {
  /** Transactions committed, in all databases. */
  commits: number;
  /** Bytes of the write-ahead log. */
  walBytes: number;
  /** Rows that were read, by `service.table`: more of them with more rows in the table is a plan that goes through it. */
  rowsRead: Record<string, number>;
}

/** Reads the counters of the server and of each service's database. */
export async function measurePostgres({ postgres }: StackFile): Promise<PostgresWork> {
  const [row] = await onDatabase(postgres.account!, (query) =>
    query<{ commits: string; wal: string }>(
      `SELECT sum(xact_commit)::text AS commits, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS wal
       FROM pg_stat_database`,
    ),
  );
  const reads = await Promise.all(
    services.map((service) =>
      onDatabase(postgres[service]!, (query) =>
        query<{ place: string; rows: bigint }>(
          `SELECT $1 || '.' || relname AS place, seq_tup_read +
             (SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes i WHERE i.relid = t.relid) AS rows
           FROM pg_stat_user_tables t`,
          [service],
        ),
      ),
    ),
  );
  return {
    commits: Number(row!.commits),
    walBytes: Number(row!.wal),
    rowsRead: Object.fromEntries(reads.flat().map(({ place, rows }) => [place, Number(rows)])),
  };
}
