import type { Transaction } from '@tallystick/postgres';
import type { Unanswered, UnansweredStore } from '../app/ask-for-outcomes.ts';
import type { Sweep } from '../app/sweeps.ts';
import { findMovements } from './movements.ts';
import { findPayments } from './payments.ts';

/** Rows that a sweep finds at once; the next turn goes on behind them. */
export const FOUND_MAX = 500;

/** A place among the rows of a table in the order of their creation. */
interface Place {
  createdAt: Date;
  id: string;
}

const idOf = { payment: 'payment_id', movement: 'transfer_id' } as const;

/** Creates the Postgres search for payments and movements without an outcome. */
export function unansweredStore(tx: Transaction): UnansweredStore {
  return {
    async sweep(sweeps, nowMs) {
      const places = await lockPlaces(
        tx,
        sweeps.map(({ name }) => name),
      );
      const mine = sweeps.filter(({ name }) => places.has(name));
      const found = await Promise.all(
        mine.map(async (sweep) => {
          const until = new Date(nowMs - sweep.ageMs);
          const rows = await findBetween(tx, sweep, places.get(sweep.name)!, until);
          savePlace(tx, sweep.name, rows.length < FOUND_MAX ? { createdAt: until, id: '' } : rows.at(-1)!);
          return { sweep, ids: rows.map(({ id }) => id) };
        }),
      );
      return Promise.all(
        found
          .filter(({ ids }) => ids.length > 0)
          .map(async ({ sweep, ids }) => ({ sweep, found: await load(tx, sweep.of, ids) })),
      );
    },
  };
}

/** Locks the places of sweeps that no other replica runs. A new sweep begins with the oldest row. */
async function lockPlaces(tx: Transaction, names: readonly string[]): Promise<Map<string, Place>> {
  tx.write({
    name: 'status_sweep_insert',
    text: `INSERT INTO status_sweep (name, swept_to, swept_id)
           SELECT name, 'epoch', '' FROM unnest($1::text[]) AS sweep (name) ON CONFLICT DO NOTHING`,
    values: [names],
  });
  const { rows } = await tx.query<{ name: string; swept_to: Date; swept_id: string }>({
    name: 'status_sweep_lock',
    text: `SELECT name, swept_to, swept_id FROM status_sweep WHERE name = ANY($1::text[])
           ORDER BY name FOR UPDATE SKIP LOCKED`,
    values: [names],
  });
  return new Map(rows.map((row) => [row.name, { createdAt: row.swept_to, id: row.swept_id }]));
}

function savePlace(tx: Transaction, name: string, { createdAt, id }: Place): void {
  tx.write({
    name: 'status_sweep_save',
    text: 'UPDATE status_sweep SET swept_to = greatest(swept_to, $2), swept_id = $3 WHERE name = $1',
    values: [name, createdAt, id],
  });
}

async function findBetween(
  tx: Transaction,
  { of, status }: Pick<Sweep, 'of' | 'status'>,
  from: Place,
  until: Date,
): Promise<Place[]> {
  const { rows } = await tx.query<{ created_at: Date; id: string }>({
    name: `status_sweep_${of}`,
    text: `SELECT created_at, ${idOf[of]} AS id FROM ${of}
           WHERE created_at >= $1 AND created_at <= $3 AND (created_at, ${idOf[of]}) > ($1, $2::text)
             AND status = $4 ORDER BY created_at, ${idOf[of]} LIMIT ${FOUND_MAX}`,
    values: [from.createdAt, from.id, until, status],
  });
  return rows.map((row) => ({ createdAt: row.created_at, id: row.id }));
}

async function load(tx: Transaction, of: Sweep['of'], ids: readonly string[]): Promise<Unanswered[]> {
  if (of === 'payment') return (await findPayments(tx, ids)).map((payment) => ({ payment }));
  const movements = [...(await findMovements(tx, ids)).values()];
  const payments = await findPayments(tx, [...new Set(movements.map(({ paymentId }) => paymentId))]);
  const byId = new Map(payments.map((payment) => [payment.paymentId, payment]));
  return movements.map((movement) => ({ payment: byId.get(movement.paymentId)!, movement }));
}
