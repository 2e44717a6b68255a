/**
 * Loaded with `--import` before a service's first module, so that its libraries are instrumented as they load.
 * Reads OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_METRICS_EXPORTER and TRACES_PER_SECOND.
 */
import { register } from 'import-in-the-middle/register-hooks.mjs';
import * as z from 'zod';
import { startTelemetry } from './sdk.ts';

// Only what is instrumented is intercepted: each further module would cost start-up time.
register({ include: ['express', 'pg', 'pg-pool', 'pino', 'http', 'https', 'node:http', 'node:https'] });

const environment = z.object({
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

const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
const settings = environment.safeParse(given);
if (!settings.success) {
  for (const { path, message } of settings.error.issues)
    process.stderr.write(`${path.join('.')}: ${message}\n`);
  process.exit(2);
}
startTelemetry({
  serviceName: settings.data.OTEL_SERVICE_NAME,
  otlpEndpoint: settings.data.OTEL_EXPORTER_OTLP_ENDPOINT,
  tracesPerSecond: settings.data.TRACES_PER_SECOND,
  exportMetrics: settings.data.OTEL_METRICS_EXPORTER === 'otlp',
});
