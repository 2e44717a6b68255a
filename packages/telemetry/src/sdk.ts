import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { ExpressInstrumentation, ExpressLayerType } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  AggregationType,
  PeriodicExportingMetricReader,
  type IMetricReader,
} from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { MetricsServer } from './prometheus.ts';
import { QueryValues } from './query-values.ts';
import { rootSampler } from './sampler.ts';

/** Longest wait for a collector; a slow or unreachable collector costs only its own data. */
const EXPORT_TIMEOUT_MS = 2_000;
const TRACES_PER_SECOND = 20;

export interface TelemetryOptions {
  serviceName: string;
  /** OTLP/HTTP base, e.g. `http://127.0.0.1:4318`. If absent, spans carry context and are not exported. */
  otlpEndpoint: string | undefined;
  tracesPerSecond?: number | undefined;
  exportMetrics?: boolean | undefined;
  /** Where Prometheus reads metrics, at `/metrics`; if absent, it does not. */
  prometheus?: { host: string; port: number } | undefined;
}

let processor: BatchSpanProcessor | undefined;
let sdk: NodeSDK | undefined;

/**
 * Starts the OpenTelemetry SDK of this process. Instrumentation creates the spans of HTTP, Express, Postgres and
 * fetch; packages/messaging creates those of Kafka and makes a consumer's span a child of its producer's.
 */
export function startTelemetry(options: TelemetryOptions): void {
  if (options.otlpEndpoint !== undefined) {
    processor = new BatchSpanProcessor({
      exporter: new OTLPTraceExporter({
        url: `${options.otlpEndpoint}/v1/traces`,
        timeoutMillis: EXPORT_TIMEOUT_MS,
      }),
      scheduledDelayMillis: 500,
    });
  }
  sdk = new NodeSDK({
    serviceName: options.serviceName,
    sampler: rootSampler(options.tracesPerSecond ?? TRACES_PER_SECOND),
    spanProcessors: processor === undefined ? [] : [new QueryValues(), processor],
    metricReaders: metricReaders(options),
    // Its durations are of paths; packages/http records those of operations.
    views: [
      { meterName: '@opentelemetry/instrumentation-http', aggregation: { type: AggregationType.DROP } },
    ],
    logRecordProcessors: [],
    autoDetectResources: false,
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: ({ url }) => url?.startsWith('/health') ?? false,
      }),
      new ExpressInstrumentation({
        ignoreLayersType: [
          ExpressLayerType.MIDDLEWARE,
          ExpressLayerType.ROUTER,
          ExpressLayerType.REQUEST_HANDLER,
        ],
      }),
      new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
      new UndiciInstrumentation({ requireParentforSpans: true }),
      new PinoInstrumentation({ disableLogSending: true }),
    ],
  });
  sdk.start();
}

function metricReaders({ otlpEndpoint, exportMetrics, prometheus }: TelemetryOptions): IMetricReader[] {
  const readers: IMetricReader[] = [];
  if (otlpEndpoint !== undefined && exportMetrics === true)
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({
          url: `${otlpEndpoint}/v1/metrics`,
          timeoutMillis: EXPORT_TIMEOUT_MS,
        }),
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
        exportIntervalMillis: 10_000,
      }),
    );
  if (prometheus !== undefined) readers.push(new MetricsServer(prometheus));
  return readers;
}

/** Exports all finished spans. For tests, and for a process that is about to end. */
export async function flushTelemetry(): Promise<void> {
  await processor?.forceFlush();
}

/** Stops the SDK after a last export, within the export timeout. */
export async function stopTelemetry(): Promise<void> {
  await sdk?.shutdown();
  sdk = undefined;
  processor = undefined;
}
