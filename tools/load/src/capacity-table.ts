import type { Summary } from './summary.ts';
import { isService, largestOfServices } from './system/processes.ts';

const DAY_S = 86_400;
const KB = 1_000;
const GB = 1_000_000_000;

/** The rows of the table: name, and value for the results of one rate. */
const COLUMNS: Record<string, (summary: Summary) => string> = {
  'payments/s': (summary) => fixed(summary.payments_per_second, 0),
  'p99 ms': ({ p99_ms: ms }) => fixed(ms, 0),
  'CPU cores: services': (summary) => fixed(cores(summary, isService), 2),
  'Kafka, Postgres': (summary) =>
    `${fixed(cores(summary, isNamed('kafka')), 2)}, ${fixed(cores(summary, isNamed('postgres')), 2)}`,
  'memory MB: services': ({ memory_mb_max_by_service: memory }) => fixed(sum(memory, isService), 0),
  'most of one': ({ memory_mb_max_by_service: memory }) => fixed(largestOfServices(memory), 0),
  connections: ({ connections }) => String(connections),
  'a payment: messages': ({ messages_per_payment: count }) => fixed(count, 1),
  'Kafka KB': ({ bytes_per_payment: bytes }) => (bytes === null ? '–' : fixed(bytes / KB, 1)),
  'WAL KB': ({ wal_bytes_per_payment: bytes }) => fixed(bytes / KB, 1),
  rows: ({ rows_added_per_payment: rows }) => fixed(sum(rows), 1),
  'data KB': (summary) => fixed(dataBytes(summary) / KB, 1),
  'outbox KB': ({ outbox_bytes_per_payment: bytes }) => fixed(sum(bytes) / KB, 1),
  'a day at this rate, GB: Kafka': (summary) =>
    summary.bytes_per_payment === null ? '–' : aDay(summary, summary.bytes_per_payment),
  WAL: (summary) => aDay(summary, summary.wal_bytes_per_payment),
  data: (summary) => aDay(summary, dataBytes(summary)),
  outbox: (summary) => aDay(summary, sum(summary.outbox_bytes_per_payment)),
};

/** Returns the resources used at each rate as a Markdown table, with one column per rate. */
export function capacityTable(summaries: readonly Summary[]): string {
  const rows = Object.entries(COLUMNS).map(([name, of]) => [name, ...summaries.map(of)]);
  const [head, ...rest] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const broken = summaries.flatMap(({ rate_per_second: rate, checks }) =>
    Object.entries(checks).flatMap(([name, holds]) =>
      holds ? [] : [`At ${rate} per second ${name} DOES NOT HOLD.\n`],
    ),
  );
  return [line(head!), line(head!.map(() => '---')), ...rest.map(line), ...broken].join('');
}

/** Returns the permanent data: outbox rows are removed after a while. */
function dataBytes(summary: Summary): number {
  return sum(summary.database_bytes_per_payment) - sum(summary.outbox_bytes_per_payment);
}

function aDay({ payments_per_second: rate }: Summary, bytesPerPayment: number): string {
  return fixed((bytesPerPayment * rate * DAY_S) / GB, 1);
}

function cores(
  { cpu_seconds_by_process: cpu, seconds }: Summary,
  isMeant: (name: string) => boolean,
): number {
  return sum(cpu, isMeant) / seconds;
}

function isNamed(wanted: string): (name: string) => boolean {
  return (name) => name === wanted;
}

function sum(values: Record<string, number>, isMeant: (name: string) => boolean = () => true): number {
  return Object.entries(values).reduce((total, [name, value]) => total + (isMeant(name) ? value : 0), 0);
}

function fixed(value: number, places: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });
}
