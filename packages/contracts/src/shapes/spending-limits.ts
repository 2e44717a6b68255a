import type { Limits } from './parties.ts';

/** Spending in a UTC day or month, keyed by {@link spendingKey}: what is held or moved of the orders of that time. */
export type Spending = Map<string, bigint>;

const DAY_MS = 86_400_000;
let lastPeriods = { dayNumber: NaN, periods: { day: '', month: '' } };

/** Returns the UTC day and month of a time: `2026-11-24` and `2026-11`. */
export function periodsOf(nowMs: number): { day: string; month: string } {
  const dayNumber = Math.floor(nowMs / DAY_MS);
  // The day is nearly always the last one; formatting a date costs more than all other work on a limit.
  if (dayNumber !== lastPeriods.dayNumber) {
    const day = new Date(nowMs).toISOString().slice(0, 10);
    lastPeriods = { dayNumber, periods: { day, month: day.slice(0, 7) } };
  }
  return lastPeriods.periods;
}

/** Builds the key of the spending of a card or a mandate in a period. */
export function spendingKey(spenderId: string, period: string): string {
  return `${spenderId} ${period}`;
}

/**
 * Returns whether an amount is within the payment, day and month limits (UTC) of a card or mandate.
 * @param amountMinor in minor units of the currency of the limits
 */
export function isWithinLimits(
  { perPaymentMinor, perDayMinor, perMonthMinor }: Limits,
  spending: Spending,
  spenderId: string,
  amountMinor: bigint,
  nowMs: number,
): boolean {
  const { day, month } = periodsOf(nowMs);
  const spentIn = (period: string): bigint => spending.get(spendingKey(spenderId, period)) ?? 0n;
  return (
    amountMinor <= perPaymentMinor &&
    spentIn(day) + amountMinor <= perDayMinor &&
    spentIn(month) + amountMinor <= perMonthMinor
  );
}

/** Counts an amount against its day and its month; a negative amount reduces the spending. */
export function countSpending(
  spending: Spending,
  spenderId: string,
  amountMinor: bigint,
  atMs: number,
): void {
  const { day, month } = periodsOf(atMs);
  for (const period of [day, month]) {
    const key = spendingKey(spenderId, period);
    spending.set(key, (spending.get(key) ?? 0n) + amountMinor);
  }
}
