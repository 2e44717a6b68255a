import { reportFault } from '@tallystick/stack';
import { parseSimulateFlags, usage, type SimulateFlags } from './simulate-flags.ts';
import { runSeed, type SeedResult } from './simulation/run-seed.ts';

/** Seeds with a broken promise that are told in full. */
const TOLD_MAX = 5;

try {
  const flags = parseSimulateFlags(process.argv.slice(2));
  if (flags.help) process.stdout.write(usage);
  else process.exitCode = await run(flags);
} catch (fault) {
  process.exitCode = reportFault(fault);
}

/** @returns the exit status */
async function run({ first, count, json }: SimulateFlags): Promise<number> {
  const began = performance.now();
  const payments: Record<string, number> = {};
  const broken: SeedResult[] = [];
  for (let seed = first; seed < first + count; seed += 1) {
    const result = await playSeed(seed);
    for (const [status, times] of Object.entries(result.payments))
      payments[status] = (payments[status] ?? 0) + times;
    if (result.broken.length > 0) broken.push(result);
  }
  const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
  if (json) process.stdout.write(`${JSON.stringify({ first, seeds: count, seconds, payments, broken })}\n`);
  else tell(broken, `${count} seeds in ${seconds} s: ${told(payments)}`);
  return broken.length === 0 ? 0 : 1;
}

/** A service that throws breaks its run; the seed is named with it. */
async function playSeed(seed: number): Promise<SeedResult> {
  try {
    return await runSeed(seed);
  } catch (error) {
    throw new Error(`seed ${seed}: a service threw`, { cause: error });
  }
}

function tell(broken: readonly SeedResult[], summary: string): void {
  for (const { seed, broken: promises, weather } of broken.slice(0, TOLD_MAX)) {
    process.stdout.write(`seed ${seed} (${told(weather)})\n`);
    for (const { promise, objections } of promises)
      process.stdout.write(`  broken: ${promise}\n${objections.map((one) => `    ${one}\n`).join('')}`);
  }
  process.stdout.write(`${summary}\n`);
  if (broken.length === 0) process.stdout.write('Every promise held in every run.\n');
  else {
    const [one] = broken;
    process.stdout.write(
      `${broken.length} seeds break a promise. One of them again: npm run simulate -- --seed ${one!.seed}\n`,
    );
  }
}

function told(numbers: object): string {
  return Object.entries(numbers)
    .map(([name, number]) => `${name} ${String(number)}`)
    .join(', ');
}
