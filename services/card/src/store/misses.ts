import { periodsOf } from '@tallystick/contracts';
import { rowSource, type Transaction } from '@tallystick/postgres';

/** Locks the counters of producers, and sets those of an earlier day to zero. @returns their misses of this UTC day */
export async function lockMisses(
  tx: Transaction,
  producerIds: readonly string[],
  nowMs: number,
): Promise<Map<string, number>> {
  if (producerIds.length === 0) return new Map();
  const { rows } = await tx.query<{ producer_id: string; misses: bigint }>({
    name: 'tokenize_miss_lock',
    text: `INSERT INTO tokenize_miss AS kept (producer_id, day, misses)
           SELECT producer_id, $2, 0 FROM unnest($1::text[]) AS producer_id
           ON CONFLICT (producer_id) DO UPDATE
             SET day = excluded.day, misses = CASE WHEN kept.day = excluded.day THEN kept.misses ELSE 0 END
           RETURNING producer_id, misses`,
    // In one order, so that two replicas do not wait for each other.
    values: [[...new Set(producerIds)].sort(), periodsOf(nowMs).day],
  });
  return new Map(rows.map(({ producer_id, misses }) => [producer_id, Number(misses)]));
}

const added = rowSource<[producerId: string, misses: number]>({
  producer_id: ['text', ([producerId]) => producerId],
  misses: ['bigint', ([, misses]) => BigInt(misses)],
});

/** Adds to counters that {@link lockMisses} locked. */
export function addMisses(tx: Transaction, misses: ReadonlyMap<string, number>): void {
  if (misses.size === 0) return;
  tx.write({
    text: `UPDATE tokenize_miss SET misses = tokenize_miss.misses + a.misses FROM (${added.sql}) AS a
           WHERE tokenize_miss.producer_id = a.producer_id`,
    values: added.values([...misses]),
  });
}
