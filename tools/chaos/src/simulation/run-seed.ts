import type { Parts } from './parts.ts';
import { promises } from './promises/index.ts';
import { simulate } from './simulation.ts';
import type { Weather } from './weather.ts';

/** What became of one seed. */
export interface SeedResult {
  seed: number;
  /** How the payments ended, by status. */
  payments: Record<string, number>;
  weather: Weather;
  /** Promises that did not hold, in their order, each with what speaks against it. */
  broken: { promise: string; objections: string[] }[];
}

/** Plays a seed and looks at every promise. */
export async function runSeed(seed: number, parts?: Parts): Promise<SeedResult> {
  const world = await simulate(seed, parts);
  const payments: Record<string, number> = {};
  for (const { status } of world.payment.payments.rows.values())
    payments[status] = (payments[status] ?? 0) + 1;
  const broken = promises
    .map((promise) => ({ promise: promise.name, objections: promise.objections(world) }))
    .filter(({ objections }) => objections.length > 0);
  return { seed, payments, weather: world.weather, broken };
}
