import { operations } from '@tallystick/contracts';
import { holdsUnless, type Check } from './check.ts';

/** The balances of the whole ledger sum to zero, according to the operator's operation. */
export const trialBalanceIsZero: Check = async ({ operator }) => {
  const { body } = await operator.call(operations.trialBalance);
  return holdsUnless(
    body.balanced
      ? []
      : body.currencies.map((row) => `${row.currency}: balances sum to ${row.balancesMinor}`),
  );
};
