import { buildCommand } from '@stricli/core';
import { durationMs } from '@tallystick/probe/duration.ts';
import { checkedBy, jsonFlag } from '@tallystick/stack/command-line.ts';
import * as z from 'zod';

export interface ProbeFlags {
  /** milliseconds */
  timeout: number;
  /** milliseconds; once if absent */
  every?: number;
  metricsFile?: string;
  stack?: string;
  json?: boolean;
}

const duration = checkedBy(
  z.string().transform((text, context) => {
    const ms = durationMs(text);
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: 'must be a duration such as 10s or 5m' });
    return z.NEVER;
  }),
);

export const probeCommand = buildCommand<ProbeFlags>({
  loader: async () => (await import('./probe.ts')).probe,
  parameters: {
    flags: {
      timeout: {
        kind: 'parsed',
        parse: duration,
        placeholder: 'time',
        brief: 'Longest time of a step',
        default: '10s',
      },
      every: {
        kind: 'parsed',
        parse: duration,
        placeholder: 'time',
        brief: 'Probe again after this time, until a signal; once by default',
        optional: true,
      },
      metricsFile: {
        kind: 'parsed',
        parse: checkedBy(z.string().min(1, 'must name a file')),
        placeholder: 'path',
        brief: 'Write the results as Prometheus text, for the textfile collector of the node exporter',
        optional: true,
      },
      stack: {
        kind: 'parsed',
        parse: checkedBy(z.string().min(1, 'must name a file')),
        placeholder: 'stack.json',
        brief:
          'Probe a running system of this machine: its stack.json has all settings, and its treasury the money',
        optional: true,
      },
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Make synthetic payments against a running system, from outside',
    fullDescription: `Pays from one account of its own to another and back: over HTTP as a client and, if PROBE_PRODUCER_ID is set, over Kafka as
a third party. Each step must end within the time limit. The accounts belong to the client of the probe, so no customer
sees them; it opens them by itself, and somebody transfers money to one of them once.

Settings: ISSUER, ACCOUNT_PUBLIC_URL, PAYMENT_PUBLIC_URL, PROBE_CLIENT_KEY_FILE; for Kafka PROBE_PRODUCER_ID,
PROBE_PRODUCER_KEY_FILE, TRUST_ANCHORS_FILE, KAFKA_…. With OTEL_EXPORTER_OTLP_ENDPOINT it sends metrics and traces.

Exit status: 0 if every step held, 1 if one failed, 2 for a wrong flag or setting, or if its accounts have no money.`,
  },
});
