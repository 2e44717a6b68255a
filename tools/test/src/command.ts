import { buildCommand } from '@stricli/core';
import { backingVariables } from '@tallystick/stack/command.ts';

export interface TestFlags {
  testNamePattern?: string;
}

export const testCommand = buildCommand<TestFlags, string[]>({
  loader: async () => (await import('./main.ts')).test,
  parameters: {
    flags: {
      testNamePattern: {
        kind: 'parsed',
        parse: String,
        placeholder: 'pattern',
        brief: 'Run only tests whose name matches',
        optional: true,
      },
    },
    aliases: { t: 'testNamePattern' },
    positional: {
      kind: 'array',
      parameter: {
        parse: String,
        placeholder: 'path',
        brief: 'Run only files whose path contains this; after --, any option of jest',
      },
    },
  },
  docs: {
    brief: 'Run the tests on real Kafka and Postgres',
    fullDescription: `Starts Kafka, Postgres and a trace store, runs every test of packages, services and tools against them, stops them, and
ends with a line "N passed, N failed". The exit status is 0 only if tests ran and none failed.
If TALLYSTICK_BROWSER is the path of a Chromium, the tests of pages in a browser run too.
If TALLYSTICK_PROMTOOL is the path of Prometheus' promtool, the tests of alerts run too.
If TALLYSTICK_PROMETHEUS is the path of a Prometheus, the tests of figures from it run too.

${backingVariables}`,
  },
});
