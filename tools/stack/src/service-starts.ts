import type { BackingSettings } from './backing-settings.ts';
import type { Kafka, Postgres, Surroundings, Traces } from './backing.ts';
import { jaegerImage, kafkaImage, postgresImage } from './container/images.ts';
import { PrerequisiteError } from './errors.ts';
import { startKafkaProcess } from './kafka/kafka-process.ts';
import { requireKafka } from './kafka/kafka-ready.ts';
import { startPostgresProcess } from './postgres/postgres-process.ts';
import { requirePostgres } from './postgres/postgres-ready.ts';
import { findJaeger, startJaegerProcess } from './traces/jaeger-process.ts';
import { startTraceSink } from './traces/trace-sink.ts';
import { answersHttp } from './until.ts';
import type { Starter } from './ways.ts';

/** A refused connection shows at once; a Jaeger that listens may run on a busy machine. */
const JAEGER_TIMEOUT_MS = 10_000;

/**
 * Uses the Kafka that the environment names, or starts one.
 *
 * @throws PrerequisiteError if the named one does not answer, or if none can be started
 */
export async function startKafka(
  settings: BackingSettings,
  ways: Starter,
  around: Surroundings,
): Promise<Kafka> {
  const brokers = settings.KAFKA_BROKERS;
  if (brokers !== undefined) {
    await requireKafka(brokers);
    return { connection: { brokers }, origin: 'environment', stop: notOurs };
  }
  return ways.start({
    name: 'Kafka',
    image: kafkaImage,
    container: async (engine) =>
      (await import('./kafka/kafka-container.ts')).startKafkaContainer(engine, around),
    process: () => startKafkaProcess(around),
  });
}

/**
 * Uses the Postgres that the environment names, or starts one.
 *
 * @throws PrerequisiteError if the named one is unusable, or if none can be started
 */
export async function startPostgres(
  settings: BackingSettings,
  ways: Starter,
  around: Surroundings,
): Promise<Postgres> {
  const url = settings.POSTGRES_URL;
  if (url !== undefined) {
    await requirePostgres(url);
    return { url, origin: 'environment', stop: notOurs };
  }
  return ways.start({
    name: 'Postgres',
    image: postgresImage,
    container: async (engine) =>
      (await import('./postgres/postgres-container.ts')).startPostgresContainer(engine, around),
    process: () => startPostgresProcess(around),
  });
}

/**
 * Uses the trace store that the environment names, or starts one.
 *
 * @param wanted `jaeger`: Jaeger only; `sink`: the stack's own store; `auto`: Jaeger if available
 * @throws PrerequisiteError if a required Jaeger is unavailable
 */
export async function startTraces(
  settings: BackingSettings,
  wanted: 'jaeger' | 'sink' | 'auto',
  ways: Starter,
  around: Surroundings,
): Promise<Traces> {
  if (wanted === 'sink') return startSink();
  const otlp = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (otlp !== undefined) {
    const jaeger = settings.JAEGER_QUERY_URL ?? null;
    if (jaeger !== null) await requireJaeger(jaeger);
    return { otlp, jaeger, sink: null, origin: 'environment', stop: notOurs };
  }
  return ways.start({
    name: 'Jaeger',
    image: jaegerImage,
    container: async (engine) =>
      (await import('./traces/jaeger-container.ts')).startJaegerContainer(engine, around),
    process: () => jaegerOrSink(wanted, around),
  });
}

async function jaegerOrSink(wanted: 'jaeger' | 'auto', around: Surroundings): Promise<Traces> {
  const program = findJaeger(around.env);
  if (program !== null) return startJaegerProcess(program, around);
  if (wanted === 'auto') return startSink();
  throw new PrerequisiteError(
    'There is no Jaeger: build it once with npx tallystick build-jaeger (about 4 minutes, needs Go), or start a container engine.',
  );
}

async function startSink(): Promise<Traces> {
  const sink = await startTraceSink();
  return { otlp: sink.url, jaeger: null, sink, origin: 'process', stop: () => sink.stop() };
}

/** Does nothing: services that the environment named keep running. */
async function notOurs(): Promise<void> {}

async function requireJaeger(query: string): Promise<void> {
  if (await answersHttp(`${query}/api/services`, JAEGER_TIMEOUT_MS)) return;
  throw new PrerequisiteError(
    `JAEGER_QUERY_URL names ${new URL(query).host}, but no Jaeger answers there: start it, or unset JAEGER_QUERY_URL.`,
  );
}
