import * as z from 'zod';

/** What every service reads from its environment before its first module. */
export const telemetryEnvironment = z.object({
  OTEL_SERVICE_NAME: z.string().min(1).default('tallystick'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be a URL like http://host:4318' })
    .transform((url) => url.replace(/\/$/, ''))
    .optional(),
  OTEL_METRICS_EXPORTER: z.enum(['otlp', 'none'], { error: 'must be otlp or none' }).default('none'),
  TRACES_PER_SECOND: z.coerce
    .number({ error: 'must be a number' })
    .min(0, 'must not be negative')
    .default(20),
});
