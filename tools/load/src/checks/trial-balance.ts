import { operations } from '@tallystick/contracts';
import { holdsUnless, type Check } from './check.ts';

/** The balances of the whole ledger sum to zero, according to the reader's operation. */
export const trialBalanceIsZero: Check = async ({ operators }) => {
  const { body } = await operators.call(operations.trialBalance);
  return holdsUnless(
    body.balanced
      ? []
      : body.currencies.map((row) => `${row.currency}: balances sum to ${row.balancesMinor}`),
  );
};
