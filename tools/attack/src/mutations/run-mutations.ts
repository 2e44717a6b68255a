import { Random } from '@tallystick/chaos';
import { mutators } from './mutators.ts';
import { makeSubjects, type Subject } from './subjects.ts';

/** Longest time of a verification. */
const SLOW_MS = 50;
/** Times for which a slow one is measured, of which the shortest counts: the machine may be busy. */
const MEASURED = 5;
const FAULTS_TOLD = 20;
/** Share of the texts that are mutated twice. */
const TWICE = 0.2;

/** What became of the mutations of a run. */
export interface Mutated {
  made: number;
  accepted: number;
  /** Those that ended otherwise than with a code. */
  unnamed: number;
  /** Those that took too long. */
  slow: number;
  slowestMs: number;
  /** How often each code refused one. */
  codes: Record<string, number>;
  /** The first faults, each with its text. */
  faults: string[];
}

/**
 * Mutates genuine envelopes, tokens and proofs, and verifies each in this process. A text that equals a genuine one is
 * no mutation and does not count.
 * @param count number of mutations
 * @param subjects the genuine texts; those of the seed by default
 * @throws Error if a genuine text is refused, since no refusal of a mutation would then show anything
 */
export async function runMutations(
  seed: number,
  count: number,
  subjects?: readonly Subject[],
): Promise<Mutated> {
  const genuine = subjects ?? (await makeSubjects(seed));
  for (const { name, text, verify } of genuine) {
    const code = await verify(text);
    if (code !== undefined) throw new Error(`${name} is refused as it is: ${code}`);
  }
  const texts = genuine.map(({ text }) => text);
  const known = new Set(texts);
  const random = new Random(seed);
  const result: Mutated = { made: 0, accepted: 0, unnamed: 0, slow: 0, slowestMs: 0, codes: {}, faults: [] };
  while (result.made < count) {
    const subject = random.pick(genuine);
    const used = [random.pick(mutators), ...(random.chance(TWICE) ? [random.pick(mutators)] : [])];
    const text = used.reduce((before, { mutate }) => mutate(before, random, texts), subject.text);
    if (known.has(text)) continue;
    result.made += 1;
    await judge(result, subject, text, used.map(({ name }) => name).join(', then '));
  }
  return result;
}

async function judge(result: Mutated, subject: Subject, text: string, how: string): Promise<void> {
  const fault = (what: string): void => {
    if (result.faults.length < FAULTS_TOLD) result.faults.push(`${subject.name}, ${how}: ${what}: ${text}`);
  };
  let ms = Infinity;
  for (let round = 0; round < MEASURED && ms > SLOW_MS; round += 1) {
    const startMs = performance.now();
    const outcome = await outcomeOf(subject, text);
    ms = Math.min(ms, performance.now() - startMs);
    if (round > 0) continue;
    if (outcome.kind === 'refused') result.codes[outcome.code] = (result.codes[outcome.code] ?? 0) + 1;
    else if (outcome.kind === 'accepted') {
      result.accepted += 1;
      fault('accepted');
    } else {
      result.unnamed += 1;
      fault(`without a code (${outcome.error})`);
    }
  }
  result.slowestMs = Math.max(result.slowestMs, ms);
  if (ms > SLOW_MS) {
    result.slow += 1;
    fault(`${ms.toFixed(0)} ms`);
  }
}

type Outcome = { kind: 'refused'; code: string } | { kind: 'accepted' } | { kind: 'unnamed'; error: string };

async function outcomeOf({ verify }: Subject, text: string): Promise<Outcome> {
  try {
    const code = await verify(text);
    return code === undefined ? { kind: 'accepted' } : { kind: 'refused', code };
  } catch (error) {
    return { kind: 'unnamed', error: error instanceof Error ? error.message : String(error) };
  }
}
