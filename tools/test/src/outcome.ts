import { existsSync, readFileSync } from 'node:fs';

import * as z from 'zod';

const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
});

export interface Outcome {
  /** tests that passed */
  passed: number;
  /** failed tests, and files that could not be run at all */
  failed: number;
}

/**
 * Reads the outcome of a run of jest.
 *
 * @param path the file that jest wrote with `--json --outputFile`
 * @returns the counts; null if jest wrote no report
 */
export function readOutcome(path: string): Outcome | null {
  if (!existsSync(path)) return null;
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = report.parse(
    JSON.parse(readFileSync(path, 'utf8')),
  );
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}
