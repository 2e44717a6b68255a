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
import { starter } from './ways.ts';

export interface BackingOptions {
  /** directory of the logs (in `logs/`); stacks that run at the same time need different directories */
  directory: string;
  /** called with a line for each notable step */
  progress: (line: string) => void;
  /**
   * `jaeger`: Jaeger only; `sink`: the stack's own store; `auto`: Jaeger if available; defaults to TALLYSTICK_TRACES
   */
  traces?: 'jaeger' | 'sink' | 'auto';
  /** the environment to read settings from; defaults to that of this process */
  env?: NodeJS.ProcessEnv;
  /**
   * a further port of 127.0.0.1 that Kafka advertises; a proxy on it must forward to `kafka.proxiedPort`. Only for a
   * Kafka that runs as a process
   */
  kafkaProxyPort?: number;
  /**
   * makes transport private: Kafka and Postgres accept TLS only; Kafka requires a user's password and grants rights
   * only to the stack. Only for servers that the stack starts itself
   */
  tls?: {
    /** users of Kafka to create in addition to the stack's own */
    kafkaUsers: readonly string[];
  };
}

export interface BackingServices {
  /** connects as the stack's own user, who may do everything */
  kafka: KafkaConnection & { brokers: readonly string[]; proxiedPort?: number | undefined };
  /** certificates and users of Kafka, if transport is private */
  security: TransportSecurity | undefined;
  /**
   * `url` is a superuser's, to the database `postgres`; `serveCopy`, present if Postgres runs as a process of this
   * machine, starts another server on a copy of its data, which stops with it
   */
  postgres: { url: string; serveCopy?: ((data: string) => Promise<ServedPostgres>) | undefined };
  traces: {
    /** base of OTLP over HTTP, without `/v1/traces` */
    otlp: string;
    /** base of Jaeger's query API; null without Jaeger */
    jaeger: string | null;
    /** base for links to Jaeger's pages; null if there are none, e.g. in a Jaeger built with Go alone */
    pages: string | null;
    /** base for `fetchTrace`: Jaeger or the sink; null if the environment names a collector only */
    query: string | null;
  };
  origin: { kafka: Origin; postgres: Origin; traces: Origin };
  /** the processes of this machine, for tests that kill, pause or restart them */
  processes: { kafka?: SupervisedProcess | undefined; postgres?: SupervisedProcess | undefined };
  /** directory for pid files of further processes of this run, written by `startProcess` */
  pidDirectory: string;
  /** directory for logs of further processes of this run, written by `startProcess` */
  logDirectory: string;
  stop(): Promise<void>;
}

/**
 * Starts Kafka, Postgres and a trace store, or uses those that the environment names. Each runs in a container if an
 * engine answers, else as a process of this machine. The started services end with `stop()`, with this process
 * (Ctrl-C, SIGTERM, an uncaught error), or, after a SIGKILL, at the next start.
 *
 * Settings: KAFKA_BROKERS, POSTGRES_URL, OTEL_EXPORTER_OTLP_ENDPOINT and JAEGER_QUERY_URL name running services;
 * TALLYSTICK_BACKING (`auto`, `container`, `process`) selects the kind of the others, TALLYSTICK_TRACES (`auto`,
 * `jaeger`, `sink`) the trace store.
 *
 * @returns the services, when they are ready
 * @throws SettingError for a wrong setting; PrerequisiteError for a missing prerequisite of this machine
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
    // after Ctrl-C the error is a consequence of the shutdown, and the process is about to end
    if (isEnding()) return new Promise(() => {});
    throw explained(error);
  }
}

/** Refuses services named by the environment, which cannot be made private here. */
function refuseNamed(settings: BackingSettings): void {
  const named = (['KAFKA_BROKERS', 'POSTGRES_URL'] as const).filter((name) => settings[name] !== undefined);
  if (named.length > 0)
    throw new SettingError(`--tls starts its own Kafka and Postgres: unset ${named.join(' and ')}`);
}

/** Wraps work so that it runs once, however often it is called. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= work());
}

/** Waits for all work, so that each started part can be stopped, then throws the first error. */
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

async function readable({ otlp, jaeger, query }: Traces): Promise<BackingServices['traces']> {
  const pages = jaeger !== null && (await hasPages(jaeger)) ? jaeger : null;
  return { otlp, jaeger, pages, query };
}
