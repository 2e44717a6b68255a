/** The probe as the program of its image. In this checkout it is `npx tallystick probe`. */
import { parseArgs } from 'node:util';
import { ConfigurationError } from '@tallystick/config';
import { stopTelemetry } from '@tallystick/telemetry';
import { durationMs } from './duration.ts';
import { probe, type ProbeOptions } from './probe.ts';

const USAGE = `Usage: node service/dist/main.js [--timeout 10s] [--every 60s] [--metrics-file path] [--json]

Pays from one account of its own to another and back, over HTTP and, with the settings of a producer, over Kafka. Settings
are environment variables: docs/settings.md.

  --timeout       longest time of a step; 10s by default
  --every         probes again after this time, until a signal; once by default
  --metrics-file  writes the results as Prometheus text
  --json          prints only the results, one JSON object a round

Exit status: 0 if every step held, 1 if one failed, 2 for a wrong option or setting.
`;

const args = process.argv.slice(2);
if (args.includes('--help')) process.stdout.write(USAGE);
else {
  try {
    process.exitCode = await probe(
      optionsIn(args),
      process.env,
      (line) => void process.stdout.write(`${line}\n`),
    );
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
  await stopTelemetry();
  // A step that was given up may still wait for an answer.
  process.exit();
}

/** @throws ConfigurationError for a wrong option */
function optionsIn(given: string[]): ProbeOptions {
  const { timeout, every, json, 'metrics-file': metricsFile } = parsed(given);
  return {
    limitMs: duration('--timeout', timeout),
    everyMs: every === undefined ? undefined : duration('--every', every),
    json,
    metricsFile,
  };
}

function parsed(given: string[]) {
  try {
    return parseArgs({
      args: given,
      options: {
        timeout: { type: 'string', default: '10s' },
        every: { type: 'string' },
        'metrics-file': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new ConfigurationError(`${(error as Error).message}; --help names the options`);
  }
}

function duration(option: string, text: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new ConfigurationError(`${option}: must be a duration such as 10s or 5m`);
  return ms;
}
