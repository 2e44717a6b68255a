import { coreServices } from '@tallystick/contracts';
import type { StackFile } from '@tallystick/stack';
import { onDatabase } from './query.ts';

/** Counters of Postgres since its start. */
export interface PostgresWork {
  /** Committed transactions in all databases. */
  commits: number;
  /** Bytes of the write-ahead log. */
  walBytes: number;
  /**
   * Bytes of each service's database, and of its outbox, which is part of it and whose rows are removed after a while.
   */
  databaseBytes: Record<string, number>;
  outboxBytes: Record<string, number>;
  /** Present connections of the services. */
  connections: number;
}

/** Reads the counters of the server and of each service's database. */
export async function measurePostgres({ postgres }: StackFile): Promise<PostgresWork> {
  const [row] = await onDatabase(postgres.account!, (query) =>
    query<{ commits: string; wal: string }>(
      `SELECT sum(xact_commit)::text AS commits, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS wal
       FROM pg_stat_database`,
    ),
  );
  const [open] = await onDatabase(postgres.account!, (query) =>
    query<{ connections: bigint }>(
      `SELECT count(*) AS connections FROM pg_stat_activity WHERE application_name = ANY($1::text[])`,
      [coreServices],
    ),
  );
  const sizes = await Promise.all(
    coreServices.map(async (service) => {
      const [size] = await onDatabase(postgres[service]!, (query) =>
        query<{ database: bigint; outbox: bigint }>(
          `SELECT pg_database_size(current_database()) AS database, pg_total_relation_size('outbox') AS outbox`,
        ),
      );
      return { service, database: Number(size!.database), outbox: Number(size!.outbox) };
    }),
  );
  return {
    commits: Number(row!.commits),
    walBytes: Number(row!.wal),
    databaseBytes: Object.fromEntries(sizes.map(({ service, database }) => [service, database])),
    outboxBytes: Object.fromEntries(sizes.map(({ service, outbox }) => [service, outbox])),
    connections: Number(open!.connections),
  };
}
