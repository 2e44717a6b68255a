import { register, type MessageDefinition, type Objective, type Register } from '@tallystick/contracts';
import { DURATION_BUCKETS_S } from '@tallystick/telemetry';
import type { RecordingRule } from './rule.ts';

/** How an interface is reached. An operation and a command may have one name, as `payment.create` does. */
export type Transport = 'http' | 'kafka';

interface MeasuredInterface {
  name: string;
  transport: Transport;
  objective: Objective;
}

/**
 * Records the objective of each interface as constant series, which the other rules join.
 * @returns rules of `tallystick:objective:budget`, the share of misses that is allowed, and of
 *   `tallystick:objective:bucket`, whose label `le` names the bucket of histograms with the answers in time
 * @throws Error if a threshold is not a boundary of the histograms
 */
export function objectiveSeries(of: Register = register): RecordingRule[] {
  return measuredInterfaces(of).flatMap(({ name, transport, objective: { availability, latency } }) => {
    const labels = { tallystick_transport: transport, tallystick_interface: name };
    if (!DURATION_BUCKETS_S.includes(latency.thresholdS))
      throw new Error(
        `${name}: the threshold of its latency, ${latency.thresholdS} s, is not one of ${DURATION_BUCKETS_S.join(', ')}`,
      );
    const budget = (objective: string, share: number): RecordingRule => ({
      record: 'tallystick:objective:budget',
      expr: `vector(${missesAllowed(share)})`,
      labels: { ...labels, tallystick_objective: objective },
    });
    return [
      budget('availability', availability),
      budget('latency', latency.share),
      ...spellings(latency.thresholdS).map((le) => ({
        record: 'tallystick:objective:bucket',
        expr: 'vector(1)',
        labels: { ...labels, le },
      })),
    ];
  });
}

function measuredInterfaces({ operations, messages }: Register): MeasuredInterface[] {
  const called = Object.values(operations).map(({ id, objective }): MeasuredInterface => {
    return { name: id, transport: 'http', objective };
  });
  const handled = Object.values<MessageDefinition>(messages).flatMap(({ type, objective }) =>
    objective === undefined ? [] : [{ name: type, transport: 'kafka' as const, objective }],
  );
  return [...called, ...handled];
}

/** The share without the rounding error of a subtraction: 0.001 and not 0.0010000000000000009. */
function missesAllowed(share: number): number {
  return Number((1 - share).toPrecision(12));
}

/** A boundary as label: Prometheus 2 keeps the `1` of the source, Prometheus 3 writes `1.0`. */
function spellings(boundaryS: number): string[] {
  return Number.isInteger(boundaryS) ? [`${boundaryS}`, `${boundaryS}.0`] : [`${boundaryS}`];
}
