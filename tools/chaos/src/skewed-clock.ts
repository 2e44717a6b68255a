/**
 * Loaded before a service: sets its clock off by TALLYSTICK_CLOCK_SKEW_MS milliseconds; other processes are
 * unaffected.
 */
const skewMs = Number(process.env['TALLYSTICK_CLOCK_SKEW_MS']);
if (!Number.isSafeInteger(skewMs)) throw new Error('TALLYSTICK_CLOCK_SKEW_MS must be a whole number');

const TrueDate = Date;
const trueNow = TrueDate.now.bind(TrueDate);

class SkewedDate extends TrueDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(trueNow() + skewMs);
    else super(...(given as [number]));
  }

  static override now(): number {
    return trueNow() + skewMs;
  }
}
globalThis.Date = SkewedDate as DateConstructor;
