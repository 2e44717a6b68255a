import type { KafkaConnection } from '@tallystick/messaging';

import type { Run } from './process/run.ts';
import type { SupervisedProcess } from './process/supervised-process.ts';
import type { TransportSecurity } from './tls/transport-security.ts';
import type { TraceSink } from './traces/trace-sink.ts';

/** Which way a backing service was had. */
export type Origin = 'environment' | 'container' | 'process';

/** What each start of a backing service is given. */
export interface Surroundings {
  run: Run;
  /** where logs are written */
  logDirectory: string;
  progress: (line: string) => void;
  /** the environment of this process, for PATH, JAVA_HOME and the like */
  env: NodeJS.ProcessEnv;
  /** a port at which Kafka says it is reached by the services, and what stands there passes on */
  kafkaProxyPort?: number | undefined;
  /** certificates and passwords, where transport is to be private */
  security?: TransportSecurity | undefined;
}

interface Started {
  origin: Origin;
  /** where it runs as a process of this machine, for tests that kill, pause or restart it */
  process?: SupervisedProcess;
  stop(): Promise<void>;
}

export interface Kafka extends Started {
  /** as the stack's own user */
  connection: KafkaConnection;
  /** where the broker listens for what comes by the proxy */
  proxiedPort?: number;
}

/** A Postgres that runs as a process of this machine. */
export interface ServedPostgres {
  /** of a superuser, to the database `postgres` */
  url: string;
  process: SupervisedProcess;
}

export interface Postgres extends Started {
  /** of a superuser, to the database `postgres` */
  url: string;
  /** starts another on a copy of its data, such as one restored from a backup: its roles are the same */
  serveCopy?: (data: string) => Promise<ServedPostgres>;
}

export interface Traces extends Started {
  /** base of OTLP over HTTP, without `/v1/traces` */
  otlp: string;
  /** base of Jaeger's query API and pages; null when there is no Jaeger */
  jaeger: string | null;
  /** the stack's own store, where there is no Jaeger */
  sink: TraceSink | null;
}
