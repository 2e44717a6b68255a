import { buildCommand } from '@stricli/core';
import { directoryFlag, jsonFlag, switchFlag } from './command-line.ts';

export interface StackFlags {
  backingOnly?: boolean;
  tls?: boolean;
  directory: string;
  json?: boolean;
}

/** Help on the settings that select Kafka, Postgres and the trace store. */
export const backingVariables = `Environment:
  TALLYSTICK_BACKING            auto (default), container or process: how Kafka, Postgres and Jaeger are started
  TALLYSTICK_TRACES             auto (default), jaeger or sink: the receiver of spans
  KAFKA_BROKERS                 use this Kafka: host:port, several separated by commas
  POSTGRES_URL                  use this Postgres: postgres://superuser:password@host:port/postgres
  OTEL_EXPORTER_OTLP_ENDPOINT   send spans to this URL (OTLP over HTTP)
  JAEGER_QUERY_URL              read spans from this URL`;

export const stackCommand = buildCommand<StackFlags>({
  loader: async () => (await import('./main.ts')).stack,
  parameters: {
    flags: {
      backingOnly: switchFlag('Start Kafka, Postgres and the trace store, but no services'),
      tls: switchFlag('Encrypt every connection; each program has its own Kafka user, rights and password'),
      directory: directoryFlag('.tallystick'),
      json: jsonFlag,
    },
  },
  docs: {
    brief: 'Start the stack for development',
    fullDescription: `Starts Kafka, Postgres, a trace store, the services and the console on this machine, and stays up until Ctrl-C. While it runs,
.tallystick/stack.json has the addresses.

${backingVariables}`,
  },
});

export const buildJaegerCommand = buildCommand({
  loader: async () => (await import('./build-jaeger.ts')).buildJaeger,
  parameters: {},
  docs: {
    brief: 'Build Jaeger with Go, for machines without a container engine',
    fullDescription: `Builds Jaeger 2 with Go into the cache, where the stack finds it: about 4 minutes, once. The program has Jaeger's query
API and accepts OTLP; only Jaeger's releases and images contain its web pages.`,
  },
});
