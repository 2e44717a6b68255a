import { existsSync, readFileSync } from 'node:fs';

import * as z from 'zod';

const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
  /** Of tests that a pattern left out. */
  numPendingTests: z.int().default(0),
  testResults: z.array(z.object({ name: z.string() })).default([]),
});

export interface Outcome {
  /** tests that passed */
  passed: number;
  /** failed tests, and files that could not be run at all */
  failed: number;
  /** paths of the files of which every test ran; none if a pattern chose among tests */
  testFiles: string[];
}

/**
 * Reads the outcome of a run of jest.
 *
 * @param path the file that jest wrote with `--json --outputFile`
 * @returns the counts; null if jest wrote no report
 */
export function readOutcome(path: string): Outcome | null {
  if (!existsSync(path)) return null;
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, testResults } =
    report.parse(JSON.parse(readFileSync(path, 'utf8')));
  return {
    passed: numPassedTests,
    failed: numFailedTests + numRuntimeErrorTestSuites,
    testFiles: numPendingTests === 0 ? testResults.map(({ name }) => name) : [],
  };
}
