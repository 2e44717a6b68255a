/**
 * Returns the environment by which a test's own stack uses the Kafka, the Postgres and the trace store of the test run.
 * @param options.tracesOnly whether the stack starts a Kafka and a Postgres of its own
 */
export function environmentOfTestRun({ tracesOnly = false } = {}): Record<string, string | undefined> {
  return {
    ...process.env,
    ...(!tracesOnly && {
      KAFKA_BROKERS: process.env['TEST_KAFKA_BROKERS'],
      POSTGRES_URL: process.env['TEST_POSTGRES_URL'],
    }),
    OTEL_EXPORTER_OTLP_ENDPOINT: process.env['TEST_TRACES_OTLP'],
    JAEGER_QUERY_URL: process.env['TEST_TRACES_QUERY'],
  };
}
