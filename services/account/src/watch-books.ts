import { repeat, transaction, type Pool, type Repeated } from '@tallystick/postgres';
import { recordImbalance, recordLedgerLook, type Logger } from '@tallystick/telemetry';
import { imbalances } from './store/accounts.ts';

const INTERVAL_MS = 60_000;

/**
 * Looks every minute whether balances sum to zero and holds have set aside what accounts keep aside, by currency, and
 * exports the differences: an operator hears of books that do not balance without asking for the trial balance. That one
 * sums the entries too, which takes long where there are many.
 */
export function watchBooks(pool: Pool, logger: Logger, nowMs: () => number): Repeated {
  return repeat(
    INTERVAL_MS,
    async () => {
      for (const { currency, balancesMinor, holdsMinor } of await transaction(pool, imbalances)) {
        recordImbalance('balances', currency, balancesMinor);
        recordImbalance('holds', currency, holdsMinor);
        if (balancesMinor !== 0n || holdsMinor !== 0n)
          logger.error(
            { currency, balancesMinor: String(balancesMinor), holdsMinor: String(holdsMinor) },
            'the books do not balance',
          );
      }
      recordLedgerLook(nowMs());
    },
    (fault) => logger.warn({ err: fault }, 'the books will be looked at later'),
  );
}
