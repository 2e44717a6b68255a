import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  program,
  say,
  startBackingServices,
  stopOnExit,
  type BackingServices,
  type ExitStatus,
} from '@tallystick/stack';

import type { TestFlags } from './command.ts';
import { readOutcome, type Outcome } from './outcome.ts';
import { ROOT, runJest } from './run-jest.ts';
import { unsentMessages } from './unsent-messages.ts';

/** Runs `tallystick test`. */
export const test = program((flags: TestFlags, ...args: string[]) =>
  runTests([
    ...(flags.testNamePattern === undefined ? [] : ['--testNamePattern', flags.testNamePattern]),
    ...args,
  ]),
);

/** @returns the exit status */
async function runTests(jestArgs: readonly string[]): Promise<ExitStatus> {
  const directory = mkdtempSync(join(tmpdir(), 'tallystick-test-'));
  const unregister = stopOnExit(async () => rmSync(directory, { recursive: true, force: true }));
  try {
    say('Starting Kafka, Postgres and a trace store');
    const began = performance.now();
    const backing = await startBackingServices({ directory, progress: say });
    say(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    try {
      const reportPath = join(directory, 'report.json');
      const sentFile = join(directory, 'sent-messages');
      const env = { ...addresses(backing), TEST_SENT_MESSAGES: sentFile };
      const status = await runJest(jestArgs, { reportPath, env });
      const outcome = readOutcome(reportPath);
      await backing.stop();
      const unsent = unsentMessages({ file: sentFile, testFiles: outcome?.testFiles ?? [], root: ROOT });
      for (const line of unsent)
        say(`No test of the service saw it send a message that it is declared to send: ${line}`);
      return tell(outcome, unsent.length === 0 ? status : 1);
    } finally {
      await backing.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
    unregister();
  }
}

/** Where the tests find the services. */
function addresses({ kafka, postgres, traces }: BackingServices): Record<string, string> {
  return {
    TEST_KAFKA_BROKERS: kafka.brokers.join(','),
    TEST_POSTGRES_URL: postgres.url,
    TEST_TRACES_OTLP: traces.otlp,
    ...(traces.query === null ? {} : { TEST_TRACES_QUERY: traces.query }),
    ...(traces.jaeger === null ? {} : { TEST_JAEGER: traces.jaeger }),
  };
}

/** @returns 0 if jest ended with 0 and, unless it only lists or explains, a test ran */
function tell(outcome: Outcome | null, status: number): ExitStatus {
  // with --listTests and the like jest writes no report, because it runs nothing
  const isSound = status === 0;
  if (outcome === null) return isSound ? 0 : 1;
  const { passed, failed } = outcome;
  if (passed + failed === 0) say('No test ran.');
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return isSound && passed + failed > 0 ? 0 : 1;
}
