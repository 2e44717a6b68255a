import type { Parts } from './parts.ts';
import { promises } from './promises/index.ts';
import { simulate } from './simulation.ts';
import type { Weather } from './weather.ts';

/** The result of one seed. */
export interface SeedResult {
  seed: number;
  /** Number of payments by their final status. */
  payments: Record<string, number>;
  weather: Weather;
  /** Broken promises in their order, each with its objections. */
  broken: { promise: string; objections: string[] }[];
}

/** Runs a seed and checks every promise. */
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
