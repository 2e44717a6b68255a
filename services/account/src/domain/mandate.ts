import type { Currency, ErrorCode, Grantee, Limits } from '@tallystick/contracts';

/** An owner's leave for a producer or a card to debit an account, within limits, until withdrawn. */
export interface Mandate {
  mandateId: string;
  accountId: string;
  ownerId: string;
  grantee: Grantee;
  currency: Currency;
  limits: Limits;
  status: 'active' | 'withdrawn';
  grantedAtMs: number;
}

/** What was authorized under a mandate in one period, by {@link usageKey}. Amounts released later still count. */
export type MandateUsage = Map<string, bigint>;

const DAY_MS = 86_400_000;
let lastPeriods = { dayNumber: NaN, periods: { day: '', month: '' } };

/** The UTC day and month of a moment: `2026-11-24` and `2026-11`. */
export function periodsOf(nowMs: number): { day: string; month: string } {
  const dayNumber = Math.floor(nowMs / DAY_MS);
  // Nearly always that of the last time: a date costs more than all else that is asked of a mandate.
  if (dayNumber !== lastPeriods.dayNumber) {
    const day = new Date(nowMs).toISOString().slice(0, 10);
    lastPeriods = { dayNumber, periods: { day, month: day.slice(0, 7) } };
  }
  return lastPeriods.periods;
}

export function usageKey(mandateId: string, period: string): string {
  return `${mandateId} ${period}`;
}

/** Names the mandate of a grantee on an account. */
export function mandateKey(accountId: string, grantee: Grantee): string {
  return `${accountId} ${grantee.kind} ${grantee.id}`;
}

/** Why a mandate does not cover an amount now, or `undefined` where it does. */
export function checkMandate(
  mandate: Mandate | undefined,
  usage: MandateUsage,
  movement: { amountMinor: bigint; currency: Currency },
  nowMs: number,
): ErrorCode | undefined {
  if (mandate === undefined || mandate.status !== 'active' || mandate.currency !== movement.currency)
    return 'mandate.missing';
  const { day, month } = periodsOf(nowMs);
  const { perPaymentMinor, perDayMinor, perMonthMinor } = mandate.limits;
  const usedToday = usage.get(usageKey(mandate.mandateId, day)) ?? 0n;
  const usedThisMonth = usage.get(usageKey(mandate.mandateId, month)) ?? 0n;
  const withinLimits =
    movement.amountMinor <= perPaymentMinor &&
    usedToday + movement.amountMinor <= perDayMinor &&
    usedThisMonth + movement.amountMinor <= perMonthMinor;
  return withinLimits ? undefined : 'mandate.limit_exceeded';
}

/** Counts an amount against the day and the month. */
export function useMandate(mandate: Mandate, usage: MandateUsage, amountMinor: bigint, nowMs: number): void {
  const { day, month } = periodsOf(nowMs);
  for (const period of [day, month]) {
    const key = usageKey(mandate.mandateId, period);
    usage.set(key, (usage.get(key) ?? 0n) + amountMinor);
  }
}
