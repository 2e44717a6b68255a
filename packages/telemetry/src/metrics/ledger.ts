import { metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('tallystick');

const imbalance = meter.createGauge('tallystick.ledger.imbalance', {
  description: 'Amount by which the books of a currency do not balance, in minor units',
});
const check = meter.createGauge('tallystick.ledger.check.timestamp', {
  unit: 's',
  description: 'Time of the last check of the books, in seconds since 1970',
});

/**
 * Records the amount by which the books do not balance.
 * @param of balances that do not sum to zero, or holds that do not match the reserved amounts of the accounts
 */
export function recordImbalance(of: 'balances' | 'holds', currency: string, differenceMinor: bigint): void {
  imbalance.record(Number(differenceMinor), { 'tallystick.of': of, 'tallystick.currency': currency });
}

/** Records the time of the last check of the books. The last result stays exported if no further check succeeds. */
export function recordLedgerCheck(nowMs: number): void {
  check.record(nowMs / 1_000);
}
