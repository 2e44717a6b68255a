const FIRST_RATE = 100;
const GROWTH = 1.6;
/** The search ends when the highest followed rate and the lowest rate that was not followed are this close. */
const NEAR_ENOUGH = 1.06;
const RATE_MIN = 2;

/** A rate that was tried, in payments per second, and whether the system followed it. */
export interface Tried {
  rate: number;
  followed: boolean;
}

/** Failed attempts until a rate counts as not followed: another program may have disturbed the first. */
const ATTEMPTS = 2;

/**
 * Returns the next rate in the search for the highest rate that the system follows: up in steps, then halfway between.
 * @param tried in order
 * @param rateMax upper limit
 * @returns the next rate, or the best at the end of the search
 */
export function nextRate(tried: readonly Tried[], rateMax: number): { next: number } | { best: number } {
  const best = Math.max(0, ...tried.filter(({ followed }) => followed).map(({ rate }) => rate));
  const attempts = Map.groupBy(
    tried.filter(({ rate }) => rate > best),
    ({ rate }) => rate,
  );
  const unsure = [...attempts].find(([, failed]) => failed.length < ATTEMPTS);
  if (unsure !== undefined) return { next: unsure[0] };
  const worst = Math.min(Infinity, ...attempts.keys());
  if (tried.length === 0) return { next: Math.min(FIRST_RATE, rateMax) };
  if (worst === Infinity)
    return best >= rateMax ? { best } : { next: Math.min(rateMax, Math.round(best * GROWTH)) };
  if (best === 0)
    return worst <= RATE_MIN ? { best: RATE_MIN } : { next: Math.max(RATE_MIN, Math.round(worst / 2)) };
  const between = Math.round(Math.sqrt(best * worst));
  const isNear = worst / best < NEAR_ENOUGH || between === best || between === worst;
  return isNear ? { best } : { next: between };
}

/** Orders that are always in progress, in seconds of load and in number: a lag below either is ignored. */
const ON_ITS_WAY_S = 0.3;
const ON_ITS_WAY_MIN = 5;
/** Largest lag at the end of a step, in seconds of load, with which a system counts as sustaining the rate. */
const BEHIND_MAX_S = 1.5;
/** Share of the rate by which the lag may seem to grow, since it always fluctuates. */
const GROWTH_MAX = 0.05;

/** Whether the system followed a step: there may be a lag, but it does not grow. */
export function hasFollowed(step: {
  ratePerSecond: number;
  lagAtEnd: number;
  lagGrowthPerSecond: number;
  failed: number;
}): boolean {
  if (step.failed > 0) return false;
  const behindS = step.lagAtEnd / step.ratePerSecond;
  if (behindS <= ON_ITS_WAY_S || step.lagAtEnd <= ON_ITS_WAY_MIN) return true;
  return behindS <= BEHIND_MAX_S && step.lagGrowthPerSecond <= step.ratePerSecond * GROWTH_MAX;
}

/**
 * Returns the growth of a value, by least squares.
 * @param samples at least two, with their times in milliseconds
 * @returns growth per second; 0 for fewer samples
 */
export function growthPerSecond(samples: readonly { atMs: number; value: number }[]): number {
  const mean = (of: (sample: { atMs: number; value: number }) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const atMean = mean(({ atMs }) => atMs);
  const valueMean = mean(({ value }) => value);
  const spread = mean(({ atMs }) => (atMs - atMean) ** 2);
  return spread > 0 ? (1000 * mean(({ atMs, value }) => (atMs - atMean) * (value - valueMean))) / spread : 0;
}
