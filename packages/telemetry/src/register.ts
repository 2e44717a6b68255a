/** Loaded with `--import` before a service's first module, so that its libraries are instrumented as they load. */
import { register } from 'import-in-the-middle/register-hooks.mjs';
import { startTelemetry } from './sdk.ts';
import { telemetryEnvironment } from './settings.ts';

// Only instrumented modules are intercepted: each further module would cost start-up time.
register({ include: ['express', 'pg', 'pg-pool', 'pino', 'http', 'https', 'node:http', 'node:https'] });

const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
const settings = telemetryEnvironment.safeParse(given);
// If a setting is wrong, the service itself reports it together with all other wrong settings.
if (settings.success)
  startTelemetry({
    serviceName: settings.data.OTEL_SERVICE_NAME,
    otlpEndpoint: settings.data.OTEL_EXPORTER_OTLP_ENDPOINT,
    tracesPerSecond: settings.data.TRACES_PER_SECOND,
    exportMetrics: settings.data.OTEL_METRICS_EXPORTER === 'otlp',
    prometheus:
      settings.data.OTEL_EXPORTER_PROMETHEUS_PORT === undefined
        ? undefined
        : {
            host: settings.data.OTEL_EXPORTER_PROMETHEUS_HOST,
            port: settings.data.OTEL_EXPORTER_PROMETHEUS_PORT,
          },
  });
