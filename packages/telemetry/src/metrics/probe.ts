import { metrics, type Histogram } from '@opentelemetry/api';

/** `skipped`: a step that it needs failed. */
export type ProbeOutcome = 'held' | 'failed' | 'skipped';

let durations: Histogram | undefined;

/** Records the time of a step of a synthetic payment, in seconds, with its outcome. */
export function recordProbe(step: string, outcome: ProbeOutcome, durationS: number): void {
  // Created at its first use: a probe may start telemetry after its modules are loaded.
  durations ??= metrics.getMeter('tallystick').createHistogram('tallystick.probe.duration', {
    unit: 's',
    description: 'Time of each step of a synthetic payment, by outcome',
  });
  durations.record(durationS, { 'tallystick.probe.step': step, 'tallystick.outcome': outcome });
}
