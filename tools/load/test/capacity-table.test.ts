import { expect, test } from '@jest/globals';
import { capacityTable } from '../src/capacity-table.ts';
import type { Summary } from '../src/summary.ts';

const summary = {
  payments_per_second: 100,
  rate_per_second: 100,
  seconds: 10,
  p99_ms: 50,
  cpu_seconds_by_process: { payment: 2, account: 3, kafka: 1, postgres: 4, generator: 9 },
  memory_mb_max_by_service: { payment: 200, account: 150, kafka: 600, postgres: 300 },
  messages_per_payment: 4,
  bytes_per_payment: 7_000,
  wal_bytes_per_payment: 12_000,
  rows_added_per_payment: { 'account.entry': 2, 'payment.payment': 1 },
  database_bytes_per_payment: { account: 6_000, payment: 5_000 },
  outbox_bytes_per_payment: { account: 4_000, payment: 3_000 },
  connections: 9,
  checks: { books_balance: true },
} as unknown as Summary;

const cellsOf = (table: string): Map<string, string> =>
  new Map(
    table.split('\n').flatMap((line): [string, string][] => {
      const [, name, value] = line.split('|').map((cell) => cell.trim());
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );

test('a capacity table lists the resources of each rate, per payment and per day', () => {
  const cells = cellsOf(capacityTable([summary]));
  expect(Object.fromEntries(cells)).toMatchObject({
    'payments/s': '100',
    'CPU cores: services': '0.50',
    'Kafka, Postgres': '0.10, 0.40',
    'memory MB: services': '350',
    'most of one': '200',
    'data KB': '4.0',
    'outbox KB': '7.0',
    'a day at this rate, GB: Kafka': '60.5',
    data: '34.6',
  });
});

test('a failed check is listed below the table', () => {
  const table = capacityTable([{ ...summary, checks: { books_balance: false } }]);
  expect(table).toMatch(/At 100 per second books_balance DOES NOT HOLD/);
});
