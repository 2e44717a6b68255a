import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import type { CollectionResult, MetricData } from '@opentelemetry/sdk-metrics';

/** Units that end the name of a metric in Prometheus, as OpenTelemetry's specification for Prometheus says. */
const SUFFIXES: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/**
 * Serves metrics to Prometheus at `/metrics`. The names end with their unit, as those that a collector exports: the same
 * rules hold for both ways. A port that is taken costs the metrics alone.
 */
export class MetricsServer extends PrometheusExporter {
  constructor(address: { host: string; port: number }) {
    super({ ...address, endpoint: '/metrics', withoutScopeInfo: true }, (error) => {
      if (error instanceof Error)
        process.emitWarning(`OTEL_EXPORTER_PROMETHEUS_PORT: metrics are not served (${error.message})`);
    });
  }

  override async collect(options?: Parameters<PrometheusExporter['collect']>[0]): Promise<CollectionResult> {
    const { resourceMetrics, errors } = await super.collect(options);
    const scopeMetrics = resourceMetrics.scopeMetrics.map((scope) => ({
      ...scope,
      metrics: scope.metrics.map(withUnit),
    }));
    return { resourceMetrics: { ...resourceMetrics, scopeMetrics }, errors };
  }
}

function withUnit(metric: MetricData): MetricData {
  const { name, unit } = metric.descriptor;
  const suffix = SUFFIXES[unit] ?? '';
  // The text format knows the unit by the name.
  return { ...metric, descriptor: { ...metric.descriptor, name: name + suffix, unit: suffix.slice(1) } };
}
