import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { readOutcome } from '../src/outcome.ts';

const directory = mkdtempSync(join(tmpdir(), 'outcome-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('the outcome of a run', () => {
  test('counts a file that could not be run as a failure', () => {
    const path = join(directory, 'report.json');
    const report = { numPassedTests: 3, numFailedTests: 1, numRuntimeErrorTestSuites: 2, success: false };
    writeFileSync(path, JSON.stringify(report));
    expect(readOutcome(path)).toEqual({ passed: 3, failed: 3, testFiles: [] });
  });

  test('names the files of which every test ran', () => {
    const path = join(directory, 'files.json');
    const counts = { numPassedTests: 1, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
    const testResults = [{ name: '/a.test.ts' }];
    writeFileSync(path, JSON.stringify({ ...counts, numPendingTests: 0, testResults }));
    expect(readOutcome(path)?.testFiles).toEqual(['/a.test.ts']);
    writeFileSync(path, JSON.stringify({ ...counts, numPendingTests: 1, testResults }));
    expect(readOutcome(path)?.testFiles).toEqual([]);
  });

  test('is absent if jest ran nothing and wrote no report', () => {
    expect(readOutcome(join(directory, 'absent.json'))).toBeNull();
  });
});
