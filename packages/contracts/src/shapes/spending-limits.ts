import type { Limits } from './parties.ts';

/** What was spent in a UTC day or month, by {@link spendingKey}. Amounts released later still count, unless given back. */
export type Spending = Map<string, bigint>;

const DAY_MS = 86_400_000;
let lastPeriods = { dayNumber: NaN, periods: { day: '', month: '' } };

/** The UTC day and month of a moment: `2026-11-24` and `2026-11`. */
export function periodsOf(nowMs: number): { day: string; month: string } {
  const dayNumber = Math.floor(nowMs / DAY_MS);
  // Nearly always that of the last time: a date costs more than all else that is asked of a limit.
  if (dayNumber !== lastPeriods.dayNumber) {
    const day = new Date(nowMs).toISOString().slice(0, 10);
    lastPeriods = { dayNumber, periods: { day, month: day.slice(0, 7) } };
  }
  return lastPeriods.periods;
}

/** Names what a card or a mandate spent in a period. */
export function spendingKey(spenderId: string, period: string): string {
  return `${spenderId} ${period}`;
}

/**
 * Whether an amount keeps within the limits of a card or a mandate: a payment's, the day's and the month's, in UTC.
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

/** Counts an amount against its day and its month; a negative one is given back. */
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
