import type { ProbeReport } from './run-probe.ts';
import type { StepResult } from './steps.ts';

const MARKS = { held: '✓', failed: '✗', skipped: '–' } as const;

/** Formats the result of a step as a line. */
export function lineOf({ step, outcome, durationMs, reason }: StepResult): string {
  const time = outcome === 'skipped' ? '' : `${durationMs} ms`;
  return `${MARKS[outcome]} ${step.padEnd(18)} ${time.padStart(9)}${reason === undefined ? '' : `  ${reason}`}`;
}

/** Formats the last line of a round. */
export function summaryOf({ isHealthy, steps }: ProbeReport): string {
  const [failed] = steps.filter(({ outcome }) => outcome === 'failed');
  return isHealthy ? `${steps.length} steps held` : `${failed!.step} failed: ${failed!.reason}`;
}

/** Writes the results as Prometheus text, as the textfile collector of the node exporter reads it. */
export function metricsOf({ at, isHealthy, steps }: ProbeReport): string {
  const labelled = (step: StepResult, value: number | string): string => `{step="${step.step}"} ${value}`;
  const ran = steps.filter(({ outcome }) => outcome !== 'skipped');
  return [
    '# HELP tallystick_probe_healthy Whether every step of the last probe held.',
    '# TYPE tallystick_probe_healthy gauge',
    `tallystick_probe_healthy ${isHealthy ? 1 : 0}`,
    '# HELP tallystick_probe_timestamp_seconds Time of the last probe.',
    '# TYPE tallystick_probe_timestamp_seconds gauge',
    `tallystick_probe_timestamp_seconds ${Date.parse(at) / 1_000}`,
    '# HELP tallystick_probe_step_held Whether a step of the last probe held.',
    '# TYPE tallystick_probe_step_held gauge',
    ...steps.map((step) => `tallystick_probe_step_held${labelled(step, step.outcome === 'held' ? 1 : 0)}`),
    '# HELP tallystick_probe_duration_seconds Time that a step of the last probe took.',
    '# TYPE tallystick_probe_duration_seconds gauge',
    ...ran.map((step) => `tallystick_probe_duration_seconds${labelled(step, step.durationMs / 1_000)}`),
    '',
  ].join('\n');
}
