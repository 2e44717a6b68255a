/**
 * How fast misses may use up what is allowed in {@link OBJECTIVE_DAYS} days, before somebody is told. A burn rate of 1
 * uses it up exactly at the end. Rates and windows are those of Google's SRE Workbook, chapter 5: the long window shows
 * that it matters, the short one that it goes on.
 */
export interface BurnRate {
  factor: number;
  longWindow: Window;
  shortWindow: Window;
  /** `critical` wakes somebody up; `warning` is looked at within a working day. */
  severity: 'critical' | 'warning';
}

/** Each window in seconds, by its name in PromQL. */
export const windowsS = {
  '5m': 300,
  '30m': 1_800,
  '1h': 3_600,
  '2h': 7_200,
  '6h': 21_600,
  '1d': 86_400,
  '3d': 259_200,
} as const;
export type Window = keyof typeof windowsS;

export const burnRates: readonly BurnRate[] = [
  { factor: 14.4, longWindow: '1h', shortWindow: '5m', severity: 'critical' },
  { factor: 6, longWindow: '6h', shortWindow: '30m', severity: 'critical' },
  { factor: 3, longWindow: '1d', shortWindow: '2h', severity: 'warning' },
  { factor: 1, longWindow: '3d', shortWindow: '6h', severity: 'warning' },
];
