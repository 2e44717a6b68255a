import * as z from 'zod';

/** Settings that every service reads from its environment before its first module. */
export const telemetryEnvironment = z.object({
  OTEL_SERVICE_NAME: z
    .string()
    .min(1)
    .default('tallystick')
    .describe('Name of the service on spans and metrics'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be a URL like http://host:4318' })
    .transform((url) => url.replace(/\/$/, ''))
    .optional()
    .describe('Receiver of spans and metrics, OTLP over HTTP; if absent, none are sent'),
  OTEL_METRICS_EXPORTER: z
    .enum(['otlp', 'none'], { error: 'must be otlp or none' })
    .default('none')
    .describe('otlp: metrics are sent to OTEL_EXPORTER_OTLP_ENDPOINT every ten seconds'),
  OTEL_EXPORTER_PROMETHEUS_PORT: z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(1, 'must be 1 to 65535')
    .max(65_535, 'must be 1 to 65535')
    .optional()
    .describe(
      'Port at which Prometheus reads metrics, at /metrics; for the inside only. If absent, it is not open',
    ),
  OTEL_EXPORTER_PROMETHEUS_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address of this machine at which that port is open'),
  TRACES_PER_SECOND: z.coerce
    .number({ error: 'must be a number' })
    .min(0, 'must not be negative')
    .default(20)
    .meta({
      description: 'Limit of recorded new traces; refused and failed messages are always recorded',
      unit: 'traces per second',
    }),
});
