/** When a version of an interface came, and until when it is served. Dates are `YYYY-MM-DD`, UTC. */
export interface Lifetime {
  since: string;
  /** Set once a newer version takes its place. */
  deprecated?: Deprecation;
}

export interface Deprecation {
  since: string;
  /** The first day on which the version is refused. */
  sunset: string;
  /** The version to use instead. */
  use: number;
}

/** Whether a version is refused at a moment. */
export function isRetired({ deprecated }: Lifetime, nowMs: number): boolean {
  return deprecated !== undefined && nowMs >= Date.parse(deprecated.sunset);
}

/** The numbers of versions in their order; the last is the newest. */
export function versionNumbers(versions: Readonly<Record<number, unknown>>): [number, ...number[]] {
  const numbers = Object.keys(versions)
    .map(Number)
    .sort((a, b) => a - b);
  if (numbers.length === 0) throw new Error('an interface has at least one version');
  return numbers as [number, ...number[]];
}
