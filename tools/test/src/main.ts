import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { reportFault, startBackingServices, stopOnExit, type BackingServices } from '@tallystick/stack';

import { readOutcome, type Outcome } from './outcome.ts';
import { runJest } from './run-jest.ts';

const usage = `Usage: npm test [-- [paths] [jest options]]

Starts Kafka, Postgres and a store for traces, runs every test of packages, services and tools against them,
stops them, and ends with a line "N passed, N failed". The exit status is 0 only if tests ran and none failed.

  npm test -- packages/security            only the tests whose path contains this
  npm test -- -t 'conserves money'         only the tests whose name fits this pattern
  npm test -- --listTests                  any other option of jest

Options:
  --help              show this

Environment:
  TALLYSTICK_BACKING            auto (default), container or process: where Kafka and Postgres come from
  TALLYSTICK_TRACES             auto (default), jaeger or sink: where spans go
  KAFKA_BROKERS                 use this Kafka: host:port, or several with commas
  POSTGRES_URL                  use this Postgres: postgres://superuser:password@host:port/postgres
  OTEL_EXPORTER_OTLP_ENDPOINT   send spans there (OTLP over HTTP)
  JAEGER_QUERY_URL              read them there
`;

const args = process.argv.slice(2);
if (args.includes('--help')) process.stdout.write(usage);
else process.exitCode = await runTests(args);

/** @returns the exit status */
async function runTests(jestArgs: readonly string[]): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'tallystick-test-'));
  const unregister = stopOnExit(async () => rmSync(directory, { recursive: true, force: true }));
  try {
    say('Starting Kafka, Postgres and a store for traces');
    const began = performance.now();
    const backing = await startBackingServices({ directory, progress: say });
    say(`They serve after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    try {
      const reportPath = join(directory, 'report.json');
      const status = await runJest(jestArgs, { reportPath, env: addresses(backing) });
      const outcome = readOutcome(reportPath);
      await backing.stop();
      return tell(outcome, status);
    } finally {
      await backing.stop();
    }
  } catch (fault) {
    return reportFault(fault);
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

/** @returns the exit status: that of jest, and 1 where no test ran at all */
function tell(outcome: Outcome | null, status: number): number {
  // with --listTests and the like jest writes no report, because it runs nothing
  if (outcome === null) return status;
  const { passed, failed } = outcome;
  if (passed + failed === 0) say('No test ran.');
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return passed + failed === 0 ? status || 1 : status;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
