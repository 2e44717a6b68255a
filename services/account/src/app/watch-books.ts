import { recordImbalance, recordLedgerLook, type Logger } from '@tallystick/telemetry';
import type { Imbalance } from './stores.ts';

/**
 * Looks whether balances sum to zero and holds have set aside what accounts keep aside, by currency, and exports the
 * differences: an operator hears of books that do not balance without asking for the trial balance. That one sums the
 * lines too, which takes long where there are many.
 */
export async function watchBooks(
  findImbalances: () => Promise<Imbalance[]>,
  logger: Logger,
  nowMs: number,
): Promise<void> {
  for (const { currency, balancesMinor, holdsMinor } of await findImbalances()) {
    recordImbalance('balances', currency, balancesMinor);
    recordImbalance('holds', currency, holdsMinor);
    if (balancesMinor !== 0n || holdsMinor !== 0n)
      logger.error(
        { currency, balancesMinor: String(balancesMinor), holdsMinor: String(holdsMinor) },
        'ledger.books_unbalanced',
      );
  }
  recordLedgerLook(nowMs);
}
