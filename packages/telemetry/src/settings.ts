import * as z from 'zod';

/** Settings that every service reads from its environment before its first module. */
export const telemetryEnvironment = z.object({
  OTEL_SERVICE_NAME: z
    .string()
    .min(1)
    .default('tallystick')
    .describe('The service’s name on spans and metrics'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be a URL like http://host:4318' })
    .transform((url) => url.replace(/\/$/, ''))
    .optional()
    .describe('Where spans and metrics go by OTLP over HTTP; nowhere where it is absent'),
  OTEL_METRICS_EXPORTER: z
    .enum(['otlp', 'none'], { error: 'must be otlp or none' })
    .default('none')
    .describe('Whether metrics go there too, every ten seconds'),
  TRACES_PER_SECOND: z.coerce
    .number({ error: 'must be a number' })
    .min(0, 'must not be negative')
    .default(20)
    .meta({
      description: 'New traces that are recorded; refused and failed messages always are',
      unit: 'traces a second',
    }),
});
