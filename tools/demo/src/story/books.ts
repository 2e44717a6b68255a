import { formatAmount, operations } from '@tallystick/contracts';
import type { World } from '../world.ts';

/** Checks that the trial balance is zero. */
export async function checkBooks({ narrator, operators }: World): Promise<void> {
  const { body } = await operators.call(operations.trialBalance);
  for (const row of body.currencies.filter(({ transfers }) => transfers > 0)) {
    narrator.tell(
      `${row.currency}: ${row.accounts} accounts, ${row.transfers} transfers, balances sum to ${formatAmount(row.balancesMinor, row.currency)}, ` +
        `entries to ${formatAmount(row.entriesMinor, row.currency)}, held ${formatAmount(row.holdsMinor, row.currency)}`,
    );
  }
  narrator.tell(`GET ${operators.services.account}/v1/trial-balance`);
  narrator.check('the trial balance sums to zero', body.balanced);
}
