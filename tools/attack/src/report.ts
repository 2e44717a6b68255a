import type { AttackResult } from './run-attacks.ts';
import type { Mutated } from './mutations/run-mutations.ts';

/** The result of a run. */
export interface RunResult {
  seed: number;
  attacks: AttackResult[];
  /** Attacks that this system offers no way to try, with the reason. */
  skipped: Record<string, string>;
  /** `null` if none were made. */
  mutated: Mutated | null;
  /** What moved in the books, which should be nothing. */
  moved: string[];
  seconds: number;
}

/** Whether every attack and mutation was refused, and the books are as they were. */
export function allRefused({ attacks, mutated, moved }: RunResult): boolean {
  return attacks.every(({ held }) => held) && moved.length === 0 && (mutated?.faults.length ?? 0) === 0;
}

/** Makes the table of a run, with its last lines. */
export function tableOf(result: RunResult): string {
  const { attacks, skipped, mutated, moved, seconds } = result;
  const nameWidth = widest(attacks.map(({ name }) => name));
  const onWidth = widest(attacks.map(({ on }) => on));
  const rows = attacks.map(
    ({ name, on, shown, ms, held }) =>
      `${held ? '✓' : '✗'} ${name.padEnd(nameWidth)}  ${on.padEnd(onWidth)}  ${String(ms).padStart(6)} ms  ${shown}`,
  );
  const failed = rows.filter((_row, at) => !attacks[at]!.held);
  const refused = attacks.length - failed.length;
  return [
    ...rows,
    '',
    ...(failed.length === 0 ? [] : ['Not refused as they must be:', ...failed, '']),
    ...Object.entries(skipped).map(([name, why]) => `skipped ${name}: ${why}`),
    ...(mutated === null ? [] : [mutatedLine(mutated), ...mutated.faults.map((fault) => `  ✗ ${fault}`)]),
    moved.length === 0 ? 'The books did not move.' : `The books moved: ${moved.join('; ')}`,
    `${attacks.length} attacks, ${refused} refused, ${failed.length} accepted (${seconds.toFixed(0)} s)`,
    '',
  ].join('\n');
}

function mutatedLine({ made, accepted, unnamed, slow, slowestMs }: Mutated): string {
  const count = made.toLocaleString('en');
  return `${count} mutated envelopes and tokens: ${accepted} accepted, ${unnamed} without a code, ${slow} over 50 ms (slowest ${slowestMs.toFixed(1)} ms)`;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length));
}
