import { coreServices } from '@tallystick/contracts';
import { until, type StackFile } from '@tallystick/stack';
import { onDatabase } from './query.ts';

/** Counters of the rows of each table since the server's start, by `service.table`. */
export interface TableWork {
  /** If they grow with the table, a plan scans it. */
  read: Record<string, number>;
  inserted: Record<string, number>;
  updated: Record<string, number>;
}

/** A connection adds its counters to the server's at most once a second, and 10 s after its last statement at the latest. */
const REPORTED_ONCE_IN_S = 1;
const REPORTED_WHEN_IDLE_FOR_S = 11;
const REPORTED_WITHIN_MS = 30_000;

/** Reads the counters of each service's tables, once every connection has reported all statements up to this call. */
export async function measureTables({ postgres }: StackFile): Promise<TableWork> {
  await allReported(postgres.account!);
  const tables = await Promise.all(
    coreServices.map((service) =>
      onDatabase(postgres[service]!, (query) =>
        query<{ place: string; read: bigint; inserted: bigint; updated: bigint }>(
          `SELECT $1 || '.' || relname AS place, n_tup_ins AS inserted, n_tup_upd AS updated, seq_tup_read +
             (SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes i WHERE i.relid = t.relid) AS read
           FROM pg_stat_user_tables t`,
          [service],
        ),
      ),
    ),
  );
  const by = (counter: 'read' | 'inserted' | 'updated'): Record<string, number> =>
    Object.fromEntries(tables.flat().map((table) => [table.place, Number(table[counter])]));
  return { read: by('read'), inserted: by('inserted'), updated: by('updated') };
}

async function allReported(databaseUrl: string): Promise<void> {
  await onDatabase(databaseUrl, async (query) => {
    const [now] = await query<{ at: string }>('SELECT clock_timestamp()::text AS at');
    const isReported = await until(async () => {
      const [left] = await query<{ connections: bigint }>(
        `SELECT count(*) AS connections FROM pg_stat_activity WHERE application_name = ANY($1::text[])
           AND state_change > clock_timestamp() - make_interval(secs => $2)
           AND state_change < $3::timestamptz + make_interval(secs => $4)`,
        [coreServices, REPORTED_WHEN_IDLE_FOR_S, now!.at, REPORTED_ONCE_IN_S],
      );
      return left!.connections === 0n;
    }, REPORTED_WITHIN_MS);
    if (!isReported) throw new Error('connections of services did not report their counters');
  });
}
