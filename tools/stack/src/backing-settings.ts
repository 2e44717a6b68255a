import { z } from 'zod';

import { SettingError } from './errors.ts';

const url = (protocols: RegExp, form: string) =>
  z.url({ protocol: protocols, error: `must be a URL like ${form}` });
const BROKER = /^[^\s,:]+:\d{1,5}$/;

/** The environment variables that select the backing services of a local stack. */
export const backingEnvironment = z.object({
  TALLYSTICK_BACKING: z
    .enum(['auto', 'container', 'process'], { error: 'must be auto, container or process' })
    .default('auto')
    .describe('How Kafka, Postgres and Jaeger are started: in containers or as processes'),
  TALLYSTICK_TRACES: z
    .enum(['auto', 'jaeger', 'sink'], { error: 'must be auto, jaeger or sink' })
    .default('auto')
    .describe('Receiver of spans: Jaeger, or a sink inside the stack'),
  KAFKA_BROKERS: z
    .string()
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .refine(
      (brokers) => brokers.every((broker) => BROKER.test(broker)),
      'must be host:port, or several separated by commas',
    )
    .optional()
    .meta({
      description: 'An existing Kafka to use instead of starting one',
      unit: 'host:port, …',
    }),
  POSTGRES_URL: url(/^postgres(ql)?$/, 'postgres://user:password@host:5432/postgres')
    .optional()
    .describe('An existing Postgres to use instead of starting one, with a superuser'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(/^https?$/, 'http://host:4318')
    .optional()
    .describe('An existing trace store to use instead of starting one'),
  JAEGER_QUERY_URL: url(/^https?$/, 'http://host:16686')
    .optional()
    .describe('Query interface of that trace store, for reading traces'),
});

/** The settings that select the backing services. */
export type BackingSettings = z.output<typeof backingEnvironment>;

/**
 * Reads the settings of the backing services; an empty variable counts as unset.
 *
 * @throws SettingError that names every wrong variable
 */
export function backingSettings(env: NodeJS.ProcessEnv): BackingSettings {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = backingEnvironment.safeParse(set);
  if (result.success) {
    if (result.data.JAEGER_QUERY_URL !== undefined && result.data.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) {
      throw new SettingError('JAEGER_QUERY_URL requires OTEL_EXPORTER_OTLP_ENDPOINT, the receiver of spans');
    }
    return result.data;
  }
  throw new SettingError(
    result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '),
  );
}
