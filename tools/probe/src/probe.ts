import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError } from '@tallystick/config';
import { recordProbe } from '@tallystick/telemetry';
import { lineOf, metricsOf, summaryOf } from './report.ts';
import { runProbe, type ProbeReport } from './run-probe.ts';
import { readSettings } from './settings.ts';

export interface ProbeOptions {
  /** Longest time of a step, in milliseconds. */
  limitMs: number;
  /** Time from the beginning of a round to that of the next, in milliseconds; one round if absent. */
  everyMs?: number | undefined;
  /** Prints only the result, one JSON object a round. */
  json: boolean;
  /** Where to write Prometheus text. */
  metricsFile?: string | undefined;
}

/**
 * Makes synthetic payments with the settings of an environment, prints the results and records metrics.
 * @param print called with each line of the output
 * @returns the exit status: 0 if every step held, 1 if one failed. With `everyMs` it never returns
 * @throws ConfigurationError for wrong settings, or if the accounts of the probe have no money
 */
export async function probe(
  { limitMs, everyMs, json, metricsFile }: ProbeOptions,
  env: Record<string, string | undefined>,
  print: (line: string) => void,
): Promise<0 | 1> {
  const settings = await readSettings(env);
  for (;;) {
    const beganMs = performance.now();
    const report = await runProbe(settings, limitMs, (result) => {
      recordProbe(result.step, result.outcome, result.durationMs / 1_000);
      if (!json) print(lineOf(result));
    });
    print(json ? JSON.stringify(report) : summaryOf(report));
    if (metricsFile !== undefined) writeMetrics(metricsFile, report);
    if (everyMs === undefined) return report.isHealthy ? 0 : 1;
    await delay(Math.max(0, everyMs - (performance.now() - beganMs)));
  }
}

/** Replaces the file at once: the collector may read it at any time. */
function writeMetrics(path: string, report: ProbeReport): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, metricsOf(report));
    renameSync(draft, path);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(
      `${path}: cannot be written (${code}); name a file in a folder that this user may write`,
    );
  }
}
