import { spawnSync } from 'node:child_process';

import { describe, expect, test } from '@jest/globals';
import { TALLYSTICK } from '@tallystick/stack';

/** Runs `npm test` against the services of this run. */
function npmTest(...args: string[]) {
  return spawnSync(TALLYSTICK, ['test', ...args], {
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      KAFKA_BROKERS: process.env['TEST_KAFKA_BROKERS'],
      POSTGRES_URL: process.env['TEST_POSTGRES_URL'],
      OTEL_EXPORTER_OTLP_ENDPOINT: process.env['TEST_TRACES_OTLP'],
    },
  });
}

describe('npm test', () => {
  test('ends with the counts and nothing behind them', () => {
    const { status, stdout } = npmTest('tools/test/test/outcome');
    expect(stdout).toMatch(/(^|\n)3 passed, 0 failed\n$/);
    expect(status).toBe(0);
  }, 60_000);

  test('fails if no test ran', () => {
    const { status, stdout } = npmTest('tools/test/test/outcome', '-t', 'a name that no test has');
    expect(stdout).toMatch(/(^|\n)0 passed, 0 failed\n$/);
    expect(status).toBe(1);
  }, 60_000);
});
