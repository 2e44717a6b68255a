import { auditEntry } from '@tallystick/contracts';
import type { Transaction } from '@tallystick/postgres';
import { contentOf } from './content.ts';
import type { ToldEntry } from './tell.ts';

/**
 * Restores entries that the topic has and a restored database lacks. The chain then continues as it was told.
 * @param told in any order
 */
export async function restoreEntries(tx: Transaction, told: readonly ToldEntry[]): Promise<void> {
  const inOrder = [...told].sort((a, b) => a.seq - b.seq);
  if (inOrder.length === 0) return;
  await tx.query(
    `INSERT INTO audit_entry (entry_id, content)
     SELECT entry_id, content FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS told (entry_id, content, place)
     ORDER BY place ON CONFLICT (entry_id) DO NOTHING`,
    [inOrder.map(({ entryId }) => entryId), inOrder.map((one) => contentOf(auditEntry.strip().parse(one)))],
  );
  await tx.query('UPDATE audit_told SET seq = greatest(seq, $1)', [inOrder.at(-1)!.seq]);
}
