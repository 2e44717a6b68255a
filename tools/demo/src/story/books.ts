import { formatAmount, operations, type Currency } from '@tallystick/contracts';
import type { World } from '../world.ts';

/** Checks that the trial balance is zero. */
export async function checkBooks({ narrator, operators }: World): Promise<void> {
  const { body } = await operators.call(operations.trialBalance);
  for (const row of body.currencies.filter(({ transfers }) => transfers > 0)) {
    // The story and the services are of one release.
    const currency = row.currency as Currency;
    narrator.tell(
      `${currency}: ${row.accounts} accounts, ${row.transfers} transfers, balances sum to ${formatAmount(row.balancesMinor, currency)}, ` +
        `entries to ${formatAmount(row.entriesMinor, currency)}, held ${formatAmount(row.holdsMinor, currency)}`,
    );
  }
  narrator.tell(`GET ${operators.services.account}/v1/trial-balance`);
  narrator.check('the trial balance sums to zero', body.balanced);
}
