import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { KafkaConnection } from '@tallystick/messaging';

import { backingSettings, type BackingSettings } from './backing-settings.ts';
import type { Origin, ServedPostgres, Surroundings, Traces } from './backing.ts';
import { messageOf, PrerequisiteError, SettingError, systemErrorCode } from './errors.ts';
import { endOrphans, openRun } from './process/run.ts';
import type { SupervisedProcess } from './process/supervised-process.ts';
import { isEnding, stopOnExit } from './process/stop-on-exit.ts';
import { startKafka, startPostgres, startTraces } from './service-starts.ts';
import { makeTransportSecurity, type TransportSecurity } from './tls/transport-security.ts';
import { hasPages } from './traces/jaeger-pages.ts';
import type { TraceSink } from './traces/trace-sink.ts';
import { starter } from './ways.ts';

export interface BackingOptions {
  /** where the logs go (`logs/` in it); each stack that runs at the same time needs its own */
  directory: string;
  /** gets a line for each step worth telling */
  progress: (line: string) => void;
  /** `jaeger`: only Jaeger will do; `sink`: the stack's own store; `auto`: Jaeger where it can be had; TALLYSTICK_TRACES by default */
  traces?: 'jaeger' | 'sink' | 'auto';
  /** the environment to read settings from; that of this process by default */
  env?: NodeJS.ProcessEnv;
  /**
   * a port of 127.0.0.1 at which Kafka says it is reached, beside its own: whoever listens there passes on to
   * `kafka.proxiedPort`. Only for a Kafka that runs as a process
   */
  kafkaProxyPort?: number;
  /**
   * makes transport private: Kafka and Postgres take TLS only, and Kafka asks for a user's password and lets nobody
   * but the stack do anything. Only for those that the stack starts itself
   */
  tls?: {
    /** users of Kafka to make, beside the stack's own */
    kafkaUsers: readonly string[];
  };
}

export interface BackingServices {
  /** as the stack's own user, who may do everything */
  kafka: KafkaConnection & { brokers: readonly string[]; proxiedPort?: number | undefined };
  /** certificates and users of Kafka, where transport is private */
  security: TransportSecurity | undefined;
  /**
   * `url` is of a superuser, to the database `postgres`; `serveCopy`, where it runs as a process of this machine,
   * starts another on a copy of its data, which stops with it
   */
  postgres: { url: string; serveCopy?: ((data: string) => Promise<ServedPostgres>) | undefined };
  traces: {
    /** base of OTLP over HTTP, without `/v1/traces` */
    otlp: string;
    /** base of Jaeger's query API; null without Jaeger */
    jaeger: string | null;
    /** base for links to Jaeger's pages; null where it has none, as when it was built with Go alone */
    pages: string | null;
    /** base for `fetchTrace`: Jaeger or the sink; null when the environment names a collector only */
    query: string | null;
    /** the stack's own store, when there is no Jaeger */
    sink: TraceSink | null;
  };
  origin: { kafka: Origin; postgres: Origin; traces: Origin };
  /** those that run as processes of this machine, for tests that kill, pause or restart them */
  processes: { kafka?: SupervisedProcess | undefined; postgres?: SupervisedProcess | undefined };
  /** where `startProcess` puts the pid files of further processes of this run */
  pidDirectory: string;
  /** where `startProcess` writes the logs of further processes of this run */
  logDirectory: string;
  stop(): Promise<void>;
}

/**
 * Brings up Kafka, Postgres and a store for traces: those that the environment names, else containers where an
 * engine answers, else processes of this machine. What it started ends with `stop()`, with this process (Ctrl-C,
 * SIGTERM, an uncaught error), or, after a SIGKILL, at the next start.
 *
 * Settings: KAFKA_BROKERS, POSTGRES_URL, OTEL_EXPORTER_OTLP_ENDPOINT and JAEGER_QUERY_URL name services that run
 * already; TALLYSTICK_BACKING (`auto`, `container`, `process`) forces a way for the others, TALLYSTICK_TRACES (`auto`,
 * `jaeger`, `sink`) a store for traces.
 *
 * @returns the services, once they serve
 * @throws SettingError for a wrong setting; PrerequisiteError for what this machine lacks
 */
export async function startBackingServices(options: BackingOptions): Promise<BackingServices> {
  const env = options.env ?? process.env;
  const settings = backingSettings(env);
  if (options.tls !== undefined) refuseNamed(settings);
  await endOrphans(options.progress);
  const run = openRun();
  const logDirectory = join(resolve(options.directory), 'logs');
  const { progress, kafkaProxyPort } = options;
  const security =
    options.tls === undefined
      ? undefined
      : await makeTransportSecurity(join(run.dataDirectory, 'tls'), options.tls.kafkaUsers);
  const around: Surroundings = { run, logDirectory, progress, env, kafkaProxyPort, security };
  const ways = starter(settings, around);
  const started: { stop(): Promise<void> }[] = [];
  const keep = async <T extends { stop(): Promise<void> }>(service: Promise<T>): Promise<T> => {
    started.push(await service);
    return service;
  };
  const stop = once(async () => {
    await Promise.all(started.map((service) => service.stop()));
    await ways.removeContainers();
    await run.close();
    unregister();
  });
  const unregister = stopOnExit(stop);

  try {
    mkdirSync(logDirectory, { recursive: true });
    const work = [
      keep(startKafka(settings, ways, around)),
      keep(startPostgres(settings, ways, around)),
      keep(startTraces(settings, options.traces ?? settings.TALLYSTICK_TRACES, ways, around)),
    ] as const;
    await allOrFirstFault(work);
    const [kafka, postgres, traces] = await Promise.all(work);
    return {
      kafka: { ...kafka.connection, proxiedPort: kafka.proxiedPort },
      security,
      postgres: { url: postgres.url, serveCopy: postgres.serveCopy },
      traces: await readable(traces),
      origin: { kafka: kafka.origin, postgres: postgres.origin, traces: traces.origin },
      processes: { kafka: kafka.process, postgres: postgres.process },
      pidDirectory: run.pidDirectory,
      logDirectory,
      stop,
    };
  } catch (error) {
    await stop();
    // after Ctrl-C this is only the echo of the stopping, and the process is about to end
    if (isEnding()) return new Promise(() => {});
    throw explained(error);
  }
}

/** What the environment names is as it is: nothing here could make it private. */
function refuseNamed(settings: BackingSettings): void {
  const named = (['KAFKA_BROKERS', 'POSTGRES_URL'] as const).filter((name) => settings[name] !== undefined);
  if (named.length > 0)
    throw new SettingError(`--tls brings a Kafka and a Postgres of its own: unset ${named.join(' and ')}`);
}

/** The same work, done once however often it is asked for. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= work());
}

/** Waits for all, so that each part that started can be stopped; throws the first fault. */
async function allOrFirstFault(work: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const faults = results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }): unknown => reason);
  if (faults.length > 0) throw faults.find((fault) => fault instanceof PrerequisiteError) ?? faults[0];
}

function explained(error: unknown): unknown {
  if (systemErrorCode(error) !== 'ENOSPC' && !/No space left on device/.test(messageOf(error))) return error;
  return new PrerequisiteError('The disk is full: free some space, or set TMPDIR to a directory with more.', {
    cause: error,
  });
}

async function readable({ otlp, jaeger, sink }: Traces): Promise<BackingServices['traces']> {
  const pages = jaeger !== null && (await hasPages(jaeger)) ? jaeger : null;
  return { otlp, jaeger, pages, query: jaeger ?? sink?.url ?? null, sink };
}
