/**
 * Loaded with `--import` before a service's first module, so that its libraries are instrumented as they load.
 * Reads OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_METRICS_EXPORTER and TRACES_PER_SECOND.
 */
import { register } from 'import-in-the-middle/register-hooks.mjs';
import { startTelemetry } from './sdk.ts';

// Only what is instrumented is intercepted: each further module would cost start-up time.
register({ include: ['express', 'pg', 'pg-pool', 'pino', 'http', 'https', 'node:http', 'node:https'] });

const { OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_METRICS_EXPORTER, TRACES_PER_SECOND } =
  process.env;
const tracesPerSecond = Number(TRACES_PER_SECOND ?? '20');
if (!(tracesPerSecond >= 0)) {
  process.stderr.write('TRACES_PER_SECOND: must be a number that is not negative\n');
  process.exit(2);
}
startTelemetry({
  serviceName: OTEL_SERVICE_NAME ?? 'tallystick',
  otlpEndpoint:
    OTEL_EXPORTER_OTLP_ENDPOINT === '' ? undefined : OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/$/, ''),
  tracesPerSecond,
  exportMetrics: OTEL_METRICS_EXPORTER === 'otlp',
});
