import { recordImbalance, recordLedgerCheck, type Logger } from '@tallystick/telemetry';
import type { Imbalance } from './stores.ts';

/**
 * Exports the imbalance of the books of each currency, so that an operator sees one without requesting the trial
 * balance. It checks that balances sum to zero and that open holds equal the pending amounts of accounts. The trial
 * balance also sums the lines, which takes long if there are many.
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
  recordLedgerCheck(nowMs);
}
