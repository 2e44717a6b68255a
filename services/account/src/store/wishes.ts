import { insertRows, type Transaction } from '@tallystick/postgres';

/** Finds the orders over HTTP that were carried out, by name. */
export async function findWishes(tx: Transaction, wishes: readonly string[]): Promise<Set<string>> {
  if (wishes.length === 0) return new Set();
  const { rows } = await tx.query<{ wish: string }>({
    name: 'wish_find',
    text: 'SELECT wish FROM wish WHERE wish = ANY($1::text[])',
    values: [wishes],
  });
  return new Set(rows.map(({ wish }) => wish));
}

const wishInsert = insertRows<string>('wish_insert', 'wish', { wish: ['text', (wish) => wish] });

/** Saves the names of orders that are carried out. The transaction fails if one of them was carried out before. */
export function insertWishes(tx: Transaction, wishes: ReadonlySet<string>): void {
  if (wishes.size > 0) tx.write(wishInsert([...wishes]));
}
