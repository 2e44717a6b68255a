import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { comparedSummary, type ComparedSummary, type Turn } from './compared-figures.ts';

/** A checkout whose load is measured. */
interface Measured {
  name: string;
  folder: string;
}

/**
 * Measures two checkouts in turns, so that both have the same hour of the machine. Which one begins changes each time.
 * @param flags of `npm run load`, for both
 * @throws Error if a run fails, or a check of the books does not hold
 */
export async function takeTurns(
  { earlier, now }: { earlier: Measured; now: Measured },
  { times, flags }: { times: number; flags: readonly string[] },
  say: (line: string) => void,
): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (let turn = 1; turn <= times; turn += 1) {
    const measure = async (which: Measured): Promise<ComparedSummary> => {
      say(`Turn ${turn} of ${times}: ${which.name}`);
      const summary = await measureLoad(which, flags);
      say(`  ${summary.payments_per_second} payments per second, p99 ${summary.p99_ms} ms`);
      return summary;
    };
    if (turn % 2 === 1) turns.push({ earlier: await measure(earlier), now: await measure(now) });
    else {
      const second = await measure(now);
      turns.push({ earlier: await measure(earlier), now: second });
    }
  }
  return turns;
}

async function measureLoad({ name, folder }: Measured, flags: readonly string[]): Promise<ComparedSummary> {
  const child = spawn('npm', ['run', '--silent', 'load', '--', ...flags, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  const parsed = status === 0 ? comparedSummary.safeParse(jsonOf(output)) : undefined;
  if (parsed?.success === true) return parsed.data;
  throw new Error(
    `${name}: load ended with status ${status}: ${errors.trim().split('\n').slice(-3).join('\n') || output}`,
  );
}

function jsonOf(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}
