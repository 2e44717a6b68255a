/** The period in which a version of an interface is served. Dates are `YYYY-MM-DD`, UTC. */
export interface Lifetime {
  since: string;
  /** Set when a newer version supersedes it. */
  deprecated?: Deprecation;
}

export interface Deprecation {
  since: string;
  /** The first day on which the version is refused. */
  sunset: string;
  /** The version to use instead. */
  use: number;
}

/** Returns whether a version is refused at this time. */
export function isRetired({ deprecated }: Lifetime, nowMs: number): boolean {
  return deprecated !== undefined && nowMs >= Date.parse(deprecated.sunset);
}

/** Returns the version numbers in ascending order; the last is the newest. */
export function versionNumbers(versions: Readonly<Record<number, unknown>>): [number, ...number[]] {
  const numbers = Object.keys(versions)
    .map(Number)
    .sort((a, b) => a - b);
  if (numbers.length === 0) throw new Error('an interface has at least one version');
  return numbers as [number, ...number[]];
}
