import type { TableWork } from './system/table-work.ts';
import type { Traffic } from './system/traffic.ts';

/** Counters of the work that payments cause, before or after the measured phase. */
export interface WorkCounted {
  cpuSeconds: Record<string, number>;
  traffic: Traffic;
  postgres: { walBytes: number };
  tables: TableWork;
}

/** The work of one payment: by process, topic and table. */
export interface Work {
  /** Without the generator, which is no part of the system. */
  cpu_ms: Record<string, number>;
  kafka_records: Record<string, number>;
  /** `null` if the broker's files are inaccessible. */
  kafka_bytes: Record<string, number> | null;
  rows_inserted: Record<string, number>;
  rows_updated: Record<string, number>;
  wal_bytes: number;
}

/**
 * Returns the increase of each counter per payment. What is not caused by each twentieth payment is left out.
 * @param finished number of payments
 */
export function workOf(before: WorkCounted, after: WorkCounted, finished: number): Work {
  const each = (now: Record<string, number>, then: Record<string, number>, places: number) =>
    eachPerPayment(now, then, { finished, places, least: 0.05 });
  const { generator: _generator, ...cpuSeconds } = after.cpuSeconds;
  const [bytes, bytesBefore] = [after.traffic.logBytes, before.traffic.logBytes];
  return {
    cpu_ms: eachPerPayment(scaled(cpuSeconds), scaled(before.cpuSeconds), {
      finished,
      places: 2,
      least: 0,
    }),
    kafka_records: each(after.traffic.records, before.traffic.records, 2),
    kafka_bytes: bytes === null || bytesBefore === null ? null : each(bytes, bytesBefore, 0),
    rows_inserted: each(after.tables.inserted, before.tables.inserted, 2),
    rows_updated: each(after.tables.updated, before.tables.updated, 2),
    wal_bytes:
      finished === 0 ? 0 : Math.round((after.postgres.walBytes - before.postgres.walBytes) / finished),
  };
}

function scaled(seconds: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(seconds).map(([name, s]) => [name, 1_000 * s]));
}

/** Returns the increase of each value per payment; values below `least` are left out. */
export function eachPerPayment(
  now: Record<string, number>,
  then: Record<string, number>,
  { finished, places, least }: { finished: number; places: number; least: number },
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(now)
      .map(([name, amount]): [string, number] => [
        name,
        finished === 0 ? 0 : Number(((amount - (then[name] ?? 0)) / finished).toFixed(places)),
      ])
      .filter(([, amount]) => amount >= least),
  );
}

/** Returns the rows of each table that were read per payment; a table of which less than one row was read is left out. */
export function rowsReadPerPayment(
  before: TableWork,
  after: TableWork,
  finished: number,
): Record<string, number> {
  return eachPerPayment(after.read, before.read, { finished, places: 1, least: 1 });
}

/** Formats the work of a payment as a table: kind, place, amount, with a total for each kind. */
export function workTable(work: Work): string {
  const kinds: [string, Record<string, number> | null][] = [
    ['CPU, ms', work.cpu_ms],
    ['records on Kafka', work.kafka_records],
    ['bytes on Kafka', work.kafka_bytes],
    ['rows inserted', work.rows_inserted],
    ['rows updated', work.rows_updated],
  ];
  const rows = kinds.flatMap(([kind, amounts]) =>
    amounts === null
      ? []
      : [...Object.entries(amounts), ['total', total(amounts)] as const].map(([place, amount]) => [
          kind,
          place,
          String(amount),
        ]),
  );
  rows.push(['bytes of WAL', 'total', String(work.wal_bytes)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      ([kind, place, amount]) =>
        `${kind!.padEnd(widths[0]!)}  ${place!.padEnd(widths[1]!)}  ${amount!.padStart(widths[2]!)}\n`,
    )
    .join('');
}

/** Returns the sum, rounded like its summands. */
export function total(amounts: Record<string, number>): number {
  return Number(
    Object.values(amounts)
      .reduce((sum, one) => sum + one, 0)
      .toFixed(2),
  );
}
