import { printJson, program, type ExitStatus } from '@tallystick/stack';
import type { SimulateFlags } from './command.ts';
import { runSeed, type SeedResult } from './simulation/run-seed.ts';

const SEEDS_BY_DEFAULT = 2_000;
/** Seeds with a broken promise that are reported in full. */
const REPORTED_MAX = 5;

/** Runs `tallystick simulate`. */
export const simulate = program(async ({ seeds, seed, json }: SimulateFlags): Promise<ExitStatus> => {
  const began = performance.now();
  const first = seed ?? 1;
  const count = seeds ?? (seed === undefined ? SEEDS_BY_DEFAULT : 1);
  const payments: Record<string, number> = {};
  const broken: SeedResult[] = [];
  for (let at = first; at < first + count; at += 1) {
    const result = await playSeed(at);
    for (const [status, times] of Object.entries(result.payments))
      payments[status] = (payments[status] ?? 0) + times;
    if (result.broken.length > 0) broken.push(result);
  }
  const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
  if (json === true) printJson({ first, seeds: count, seconds, payments, broken });
  else report(broken, `${count} seeds in ${seconds} s: ${listed(payments)}`);
  return broken.length === 0 ? 0 : 1;
});

/** A service that throws breaks its run; the seed is named with it. */
async function playSeed(seed: number): Promise<SeedResult> {
  try {
    return await runSeed(seed);
  } catch (error) {
    throw new Error(`seed ${seed}: a service threw an error`, { cause: error });
  }
}

function report(broken: readonly SeedResult[], summary: string): void {
  for (const { seed, broken: promises, weather } of broken.slice(0, REPORTED_MAX)) {
    process.stdout.write(`seed ${seed} (${listed(weather)})\n`);
    for (const { promise, objections } of promises)
      process.stdout.write(`  broken: ${promise}\n${objections.map((one) => `    ${one}\n`).join('')}`);
  }
  process.stdout.write(`${summary}\n`);
  if (broken.length === 0) process.stdout.write('Every promise held in every run.\n');
  else {
    const [one] = broken;
    process.stdout.write(
      `${broken.length} seeds break a promise. To repeat one: npx tallystick simulate --seed ${one!.seed}\n`,
    );
  }
}

function listed(numbers: object): string {
  return Object.entries(numbers)
    .map(([name, number]) => `${name} ${String(number)}`)
    .join(', ');
}
