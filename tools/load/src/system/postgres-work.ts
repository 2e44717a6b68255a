import type { StackFile } from '@tallystick/stack';
import { onDatabase } from './query.ts';

/** What Postgres has done since it started: transactions committed in all databases, and bytes of its write-ahead log. */
export interface PostgresWork {
  commits: number;
  walBytes: number;
}

export function measurePostgres({ postgres }: StackFile): Promise<PostgresWork> {
  return onDatabase(postgres.account!, async (query) => {
    const [row] = await query<{ commits: string; wal: string }>(
      `SELECT sum(xact_commit)::text AS commits, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS wal FROM pg_stat_database`,
    );
    return { commits: Number(row!.commits), walBytes: Number(row!.wal) };
  });
}
