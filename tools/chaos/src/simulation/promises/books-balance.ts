import type { SimulatedPromise } from './promise.ts';

export const booksBalance: SimulatedPromise = {
  name: 'the balances sum to zero, respect their minimum, and reserve the remainder of open holds',
  objections: ({ ledger }) => {
    const accounts = [...ledger.accounts.rows.values()];
    const sum = accounts.reduce((total, { postedMinor }) => total + postedMinor, 0n);
    return [
      ...(sum === 0n ? [] : [`the balances sum to ${sum}`]),
      ...accounts.flatMap(({ accountId, postedMinor, pendingMinor, minimumBalanceMinor }) => {
        const held = [...ledger.holds.rows.values()]
          .filter((hold) => hold.debitAccountId === accountId && hold.status === 'open')
          .reduce((total, hold) => total + hold.amountMinor - hold.postedMinor, 0n);
        return [
          ...(held === pendingMinor
            ? []
            : [`${accountId}: ${pendingMinor} reserved but holds sum to ${held}`]),
          ...(minimumBalanceMinor === null || postedMinor - pendingMinor >= minimumBalanceMinor
            ? []
            : [`${accountId} is below its minimum balance`]),
        ];
      }),
    ];
  },
};
