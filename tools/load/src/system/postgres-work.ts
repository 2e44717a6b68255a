import { coreServices } from '@tallystick/contracts';
import type { StackFile } from '@tallystick/stack';
import { onDatabase } from './query.ts';

/** Counters of Postgres since its start. */
export interface PostgresWork {
  /** Committed transactions in all databases. */
  commits: number;
  /** Bytes of the write-ahead log. */
  walBytes: number;
  /** Rows read, by `service.table`: if they grow with the table, a plan scans it. */
  rowsRead: Record<string, number>;
  /** Rows added, by `service.table`. */
  rowsAdded: Record<string, number>;
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
  const tables = await Promise.all(
    coreServices.map((service) =>
      onDatabase(postgres[service]!, (query) =>
        query<{ place: string; read: bigint; added: bigint }>(
          `SELECT $1 || '.' || relname AS place, n_tup_ins AS added, seq_tup_read +
             (SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes i WHERE i.relid = t.relid) AS read
           FROM pg_stat_user_tables t`,
          [service],
        ),
      ),
    ),
  );
  return {
    commits: Number(row!.commits),
    walBytes: Number(row!.wal),
    rowsRead: Object.fromEntries(tables.flat().map(({ place, read }) => [place, Number(read)])),
    rowsAdded: Object.fromEntries(tables.flat().map(({ place, added }) => [place, Number(added)])),
    databaseBytes: Object.fromEntries(sizes.map(({ service, database }) => [service, database])),
    outboxBytes: Object.fromEntries(sizes.map(({ service, outbox }) => [service, outbox])),
    connections: Number(open!.connections),
  };
}
