import { operations } from '@tallystick/contracts';
import { holdsUnless, type Check } from './check.ts';

/** The whole ledger sums to zero, by the operator's own operation. */
export const trialBalanceIsZero: Check = async ({ operator }) => {
  const { body } = await operator.call(operations.trialBalance);
  return holdsUnless(
    body.balanced
      ? []
      : body.currencies.map((row) => `${row.currency}: balances sum to ${row.balancesMinor}`),
  );
};
