const FIRST_RATE = 100;
const GROWTH = 1.6;
/** The search ends once the highest rate that was followed and the lowest that was not are this near. */
const NEAR_ENOUGH = 1.12;
const RATE_MIN = 2;

/** A rate that was tried, in payments a second, and whether the system followed it. */
export interface Tried {
  rate: number;
  followed: boolean;
}

/** A rate counts as not followed once it was not this often: something else may have disturbed the first time. */
const ATTEMPTS = 2;

/**
 * What to try next in search for the highest rate that the system follows: up in steps, then halfway between.
 * @param tried in order
 * @param rateMax never to be gone beyond
 * @returns the next rate, or the best where the search is at its end
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

/** Longest time, in seconds of its load, that a system may be behind at the end of a step that it followed. */
const BEHIND_MAX_S = 0.3;

/** Whether the system followed a step: what was due and not done at its end is no more than is always on its way. */
export function hasFollowed(step: { ratePerSecond: number; lagAtEnd: number; failed: number }): boolean {
  return step.failed === 0 && step.lagAtEnd <= Math.max(5, step.ratePerSecond * BEHIND_MAX_S);
}
