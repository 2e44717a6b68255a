import type { KafkaConnection } from '@tallystick/messaging';

import type { Run } from './process/run.ts';
import type { SupervisedProcess } from './process/supervised-process.ts';
import type { TransportSecurity } from './tls/transport-security.ts';

/** The source of a backing service. */
export type Origin = 'environment' | 'container' | 'process';

/** The common options of each start of a backing service. */
export interface Surroundings {
  run: Run;
  /** directory for logs */
  logDirectory: string;
  progress: (line: string) => void;
  /** the environment of this process, for PATH, JAVA_HOME etc. */
  env: NodeJS.ProcessEnv;
  /** a port that Kafka advertises to the services, on which a proxy listens */
  kafkaProxyPort?: number | undefined;
  /** certificates and passwords, if transport is private */
  security?: TransportSecurity | undefined;
}

interface Started {
  origin: Origin;
  /** the process, if it is one of this machine, for tests that kill, pause or restart it */
  process?: SupervisedProcess;
  stop(): Promise<void>;
}

export interface Kafka extends Started {
  /** connects as the stack's own user */
  connection: KafkaConnection;
  /** port of the broker to which the proxy forwards */
  proxiedPort?: number;
}

/** A Postgres that runs as a process of this machine. */
export interface ServedPostgres {
  /** a superuser's, to the database `postgres` */
  url: string;
  process: SupervisedProcess;
}

export interface Postgres extends Started {
  /** a superuser's, to the database `postgres` */
  url: string;
  /** starts another server on a copy of its data, e.g. one restored from a backup; its roles are the same */
  serveCopy?: (data: string) => Promise<ServedPostgres>;
}

export interface Traces extends Started {
  /** base of OTLP over HTTP, without `/v1/traces` */
  otlp: string;
  /** base of Jaeger's query API and pages; null if there is no Jaeger */
  jaeger: string | null;
  /** base of the query API: Jaeger's or the sink's; null if the environment names a collector only */
  query: string | null;
}
