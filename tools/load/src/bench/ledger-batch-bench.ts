import type { Addresses } from './infrastructure.ts';
import { openBook, type BookSize } from './ledger-book.ts';
import { limitOf } from './ledger-bench.ts';
import { byTheClock, type Bench, type Round } from './rates.ts';

const BATCHES = [1, 100, 400, 2_000, 8_000];
const ROUND_MS = 2_000;
/** As in the account service: concurrent transactions would wait for each other's locks. */
const AT_ONCE = 1;
const SMALL: BookSize = { accounts: 1_000, historyRows: 10_000, hot: 0 };

/**
 * Measures the ledger with its tables: load, decide, save, commit, but no Kafka and no signatures. Limit: Postgres,
 * one transfer per transaction.
 */
export function ledgerBatchBench(addresses: () => Promise<Addresses>): Bench {
  return {
    name: 'ledger-batch',
    summary:
      'the ledger with its tables, without messages; limit: Postgres with one transfer per transaction',
    async run(use) {
      const { postgresUrl } = await addresses();
      const book = await openBook(postgresUrl, SMALL);
      try {
        await use(
          BATCHES.map((batch) => ({
            name: `ledger, ${batch} a transaction`,
            unit: 'transfers/s',
            round: posting(book, batch),
            limit: { what: 'Postgres, one transfer per transaction', round: () => limitOf(postgresUrl) },
          })),
        );
      } finally {
        await book.close();
      }
    },
  };
}

/**
 * Measures whether the cost of a transfer is independent of the tables' contents. Each size alternates with the small
 * one.
 * @param historyRows lines in the large history
 */
export function flatnessBench(
  addresses: () => Promise<Addresses>,
  historyRows: () => number,
  say: (line: string) => void,
): Bench {
  return {
    name: 'flatness',
    summary:
      'the ledger with a long history, many accounts, a hot merchant; limit: with 10,000 rows, 1,000 accounts',
    async run(use) {
      const { postgresUrl } = await addresses();
      const small = await openBook(postgresUrl, SMALL);
      const sizes: [string, BookSize][] = [
        [`${historyRows().toLocaleString('en')} rows`, { ...SMALL, historyRows: historyRows() }],
        ['50,000 accounts', { ...SMALL, accounts: 50_000 }],
        ['90 % to one merchant', { ...SMALL, hot: 0.9 }],
      ];
      try {
        for (const [name, size] of sizes) {
          say(`  creating a ledger with ${name}`);
          const book = await openBook(postgresUrl, size);
          const limit = { what: '10,000 rows, 1,000 accounts', round: posting(small, 100) };
          await use([
            { name: `ledger, ${name}`, unit: 'transfers/s', round: posting(book, 100), limit },
          ]).finally(() => book.close());
        }
      } finally {
        await small.close();
      }
    },
  };
}

function posting(book: Awaited<ReturnType<typeof openBook>>, batch: number): Round {
  return byTheClock(
    async () => {
      await book.post(batch);
      return batch;
    },
    { atOnce: AT_ONCE, roundMs: ROUND_MS },
  );
}
