import { transaction, type Statement } from '@tallystick/postgres';
import { openInfrastructure, type Addresses } from './infrastructure.ts';
import { byTheClock, type Bench } from './rates.ts';

/** About the number of queries, and of writes, of a service for a batch. */
const STATEMENTS_A_TRIP = 6;

/**
 * Measures the transaction of a small batch: some lookups in one round trip to the server, some writes in another.
 * Limit: the same number of round trips with one statement each.
 */
export function transactionBench(addresses: () => Promise<Addresses>): Bench {
  return {
    name: 'transaction',
    summary:
      'twelve small statements in two round trips, one transaction after the other; limit: two round trips',
    async run(use) {
      const { pool, close } = await openInfrastructure(await addresses());
      try {
        await pool.query('CREATE TABLE bench_note (id text PRIMARY KEY)');
        const lookups = statements('lookup', "SELECT id FROM bench_note WHERE id = ANY ('{}')");
        const writes = statements(
          'write',
          "INSERT INTO bench_note SELECT * FROM unnest('{one}'::text[]) ON CONFLICT DO NOTHING",
        );
        const round = byTheClock(
          () =>
            transaction(pool, async (tx) => {
              await Promise.all(lookups.map((statement) => tx.query(statement)));
              for (const statement of writes) tx.write(statement);
              return 1;
            }),
          { atOnce: 1 },
        );
        const trip = { name: 'bench_trip', text: 'SELECT 1' };
        const trips = byTheClock(
          async () => {
            await pool.query(trip);
            await pool.query(trip);
            return 1;
          },
          { atOnce: 1 },
        );
        await use([
          { name: 'transaction', unit: 'transactions/s', round, limit: { what: 'two trips', round: trips } },
        ]);
      } finally {
        await close();
      }
    },
  };
}

function statements(name: string, text: string): Statement[] {
  return Array.from({ length: STATEMENTS_A_TRIP }, (_, place) => ({ name: `bench_${name}_${place}`, text }));
}
