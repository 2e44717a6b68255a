import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { coreServices, services, type ServiceName } from '@tallystick/contracts';
import type { BackingServices } from './backing-services.ts';
import { freePorts } from './free-ports.ts';
import type { SupervisedProcess } from './process/supervised-process.ts';
import { trustAuthority, type OfServices, type StackFile } from './stack-file.ts';
import { createDatabases } from './system/databases.ts';
import {
  certifyRegistrar,
  KeyMaker,
  newCookieKeys,
  newKeyEncryptionKeys,
  type GeneratedKey,
} from './system/keys.ts';
import { CONSOLE_CLIENT, DOCS_CLIENT, PROBE, TREASURY_CLIENT } from './system/clients.ts';
import {
  makeKeys,
  makeSeed,
  outsidersOf,
  systemKafkaAccess,
  type Seed,
  type Signatures,
  type SystemKeys,
} from './system/seed.ts';
import { buildServices } from './system/build-services.ts';
import { startService, type ServiceCode, type ServiceStart } from './system/services.ts';
import { prepareKafka } from './system/topics.ts';
import { kafkaUserOf, STACK_USER, type TransportSecurity } from './tls/transport-security.ts';

export interface SystemOptions {
  /** directory of keys and trust anchors */
  directory: string;
  progress: (line: string) => void;
  /** who may sign a batch at once; defaults to the services */
  signatures?: Signatures;
  /** the code that the services run; defaults to their sources */
  code?: ServiceCode;
  /** whether the console runs too; tools that measure or break the services start without it */
  console?: boolean;
  /** prefix of topic names; defaults to none on a broker of the stack */
  topicPrefix?: string;
  /** changes a service's environment before its start, e.g. the address of its database */
  adapt?: (service: ServiceName, env: Record<string, string>) => Record<string, string>;
}

export interface System {
  stackFile: StackFile;
  /** the services' processes, for tests that stop, kill or restart them */
  processes: OfServices<SupervisedProcess>;
  /** starts a further process of a service on the same database, for tests with two replicas */
  startReplica(service: ServiceName): Promise<SupervisedProcess>;
  /** the databases as the services open them, each by its own role; those of the stack file are their owners' */
  serviceDatabases: OfServices<string>;
  stop(): Promise<void>;
}

/** An issuer number that no card scheme uses: card numbers of the stack are invalid anywhere else. */
const ISSUER_NUMBER = '99990001';
/** Lifetime of the registrar's certificate: longer than any stack runs. */
const CERTIFICATE_LIFETIME_S = 30 * 86_400;

/**
 * Starts the services on the backing services, with fresh keys, databases, topics and seeds. Each database has an
 * owner, and a role with the rights that its service needs. All services start at the same time; the others wait for
 * the registrar's first snapshot by themselves.
 */
export async function startSystem(backing: BackingServices, options: SystemOptions): Promise<System> {
  const { code = 'sources' } = options;
  const started: readonly ServiceName[] = options.console === true ? services : coreServices;
  const run = randomBytes(4).toString('hex');
  const topicPrefix = options.topicPrefix ?? (backing.origin.kafka === 'environment' ? `${run}.` : '');
  options.progress('Creating keys, databases and topics');
  const maker = new KeyMaker(join(options.directory, 'keys'));
  const [root, registrar, token, keys, ports, databases] = await Promise.all([
    maker.key('root'),
    maker.key('registrar'),
    maker.key('token'),
    makeKeys((name, type) => maker.key(name, type)),
    freePorts(started.length),
    createDatabases(backing.postgres.url, run, started),
    prepareKafka(backing, topicPrefix, systemKafkaAccess()),
    code === 'built' ? buildServices(started) : undefined,
  ]);
  const { security } = backing;
  const scheme = security === undefined ? 'http' : 'https';
  const transport = await transportSettings(security);
  // The console reads the metrics of all services; without it nobody does.
  const metricsPorts = options.console === true ? await freePorts(started.length) : [];
  const urls = Object.fromEntries(
    started.map((service, at) => [service, `${scheme}://127.0.0.1:${ports[at]}`]),
  ) as OfServices<string>;
  const seed = makeSeed(keys, {
    ...(options.signatures === undefined ? {} : { signatures: options.signatures }),
    docsOrigins: coreServices.map((service) => urls[service]),
    consoleOrigin: urls.console,
  });
  const trustAnchors = maker.secret(
    'trust-anchors.jwks.json',
    JSON.stringify({ keys: [{ ...root.publicJwk, kid: root.kid }] }),
  );

  const own: Record<ServiceName, Record<string, string>> = {
    auth: {
      TOKEN_KEY_FILE: token.file,
      REGISTRAR_KEY_FILE: registrar.file,
      REGISTRAR_CERTIFICATE_FILE: maker.secret(
        'registrar.certificate',
        await certifyRegistrar(root, registrar, { nowMs: Date.now(), lifetimeS: CERTIFICATE_LIFETIME_S }),
      ),
      COOKIE_KEYS_FILE: maker.secret('cookie-keys.json', newCookieKeys()),
      SEED_FILE: maker.secret('seed.json', JSON.stringify(seed)),
    },
    account: {
      PAYMENT_PUBLIC_URL: urls.payment,
      CARD_PUBLIC_URL: urls.card,
      EXTERNAL_ACCOUNT_OWNER: TREASURY_CLIENT,
    },
    card: {
      PAYMENT_PUBLIC_URL: urls.payment,
      ENCRYPTION_KEY_FILE: keys.cardEncryption.file,
      KEY_ENCRYPTION_KEYS_FILE: maker.secret('key-encryption-keys.json', newKeyEncryptionKeys()),
      ISSUER_NUMBER,
    },
    payment: {},
    console: {
      CLIENT_ID: CONSOLE_CLIENT,
      CLIENT_KEY_FILE: keys.consoleClient.file,
      KEY_ENCRYPTION_KEYS_FILE: maker.secret('console-key-encryption-keys.json', newKeyEncryptionKeys()),
      AUTH_OPERATOR_URL: urls.auth,
      ACCOUNT_OPERATOR_URL: urls.account,
      CARD_OPERATOR_URL: urls.card,
      PAYMENT_OPERATOR_URL: urls.payment,
      METRICS_URLS: metricsPorts.map((port) => `http://127.0.0.1:${port}/metrics`).join(','),
      ...(backing.traces.jaeger === null ? {} : { JAEGER_URL: backing.traces.jaeger }),
      ...(security === undefined ? {} : { SERVICES_CA_FILE: security.authority.caFile }),
    },
  };
  const adapt = options.adapt ?? ((_service, env) => env);
  const starts = started.map((name, at): ServiceStart => ({
    name,
    url: urls[name]!,
    code,
    env: adapt(name, {
      POSTGRES_URL: databases.urls[name]!,
      MIGRATIONS: 'await',
      KAFKA_BROKERS: backing.kafka.brokers.join(','),
      TOPIC_PREFIX: topicPrefix,
      ...transport[name],
      TRUST_ANCHORS_FILE: trustAnchors,
      SIGNING_KEY_FILE: keys.services[name].file,
      ISSUER: urls.auth,
      ...(name === 'console' ? {} : { DOCS_CLIENT_ID: DOCS_CLIENT }),
      ...(metricsPorts[at] === undefined ? {} : { OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPorts[at]) }),
      ...own[name],
    }),
  }));
  trustAuthority({ authority: security?.authority.caFile });
  options.progress(`Starting ${started.slice(0, -1).join(', ')} and ${started.at(-1)}`);
  const processes = await startAll(starts, backing, options.progress);
  const replicas: SupervisedProcess[] = [];
  return {
    stackFile: stackFileOf({
      backing,
      urls,
      trustAnchors,
      keys,
      seed,
      databases: databases.ownerUrls,
      topicPrefix,
    }),
    processes,
    async startReplica(service) {
      const start = starts.find(({ name }) => name === service)!;
      const [port] = await freePorts(1);
      // The port of metrics is that of the first process.
      const { OTEL_EXPORTER_PROMETHEUS_PORT: _taken, ...env } = start.env;
      const replica = await startService(
        {
          ...start,
          url: `http://127.0.0.1:${port}`,
          // Behind a load balancer, requests name the service's own address.
          env: { ...env, PUBLIC_URL: urls[service]! },
          processName: `${service}-${replicas.length + 2}`,
        },
        backing,
        (error) => options.progress(`a replica of ${service} exited unexpectedly: ${error.message}`),
      );
      replicas.push(replica);
      return replica;
    },
    serviceDatabases: databases.urls,
    async stop() {
      options.progress('Stopping the services');
      await Promise.all([...Object.values(processes), ...replicas].map((service) => service.stop()));
      await databases.drop();
      rmSync(maker.directory, { recursive: true, force: true });
    },
  };
}

/** Returns each service's certificate and Kafka user settings; none if transport is open. */
async function transportSettings(
  security: TransportSecurity | undefined,
): Promise<Record<ServiceName, Record<string, string>>> {
  const settings = services.map(async (service) => {
    if (security === undefined) return [service, {}] as const;
    const { certificateFile, keyFile } = await security.authority.certify(service, ['127.0.0.1'], Date.now());
    const { username, passwordFile } = kafkaUserOf(security, service);
    const named = {
      KAFKA_CA_FILE: security.authority.caFile,
      KAFKA_USERNAME: username,
      KAFKA_PASSWORD_FILE: passwordFile,
      TLS_CERTIFICATE_FILE: certificateFile,
      TLS_KEY_FILE: keyFile,
    };
    return [service, named] as const;
  });
  return Object.fromEntries(await Promise.all(settings)) as Record<ServiceName, Record<string, string>>;
}

async function startAll(
  starts: readonly ServiceStart[],
  backing: BackingServices,
  progress: (line: string) => void,
): Promise<OfServices<SupervisedProcess>> {
  const results = await Promise.allSettled(
    starts.map((start) =>
      startService(start, backing, (error) =>
        progress(`${start.name} exited unexpectedly: ${error.message}`),
      ),
    ),
  );
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const fault = results.find((result) => result.status === 'rejected');
  if (fault !== undefined) {
    await Promise.all(started.map((service) => service.stop()));
    throw fault.reason;
  }
  return Object.fromEntries(
    started.map((service) => [service.name, service]),
  ) as OfServices<SupervisedProcess>;
}

function stackFileOf(parts: {
  backing: BackingServices;
  urls: OfServices<string>;
  trustAnchors: string;
  keys: SystemKeys;
  seed: Seed;
  databases: OfServices<string>;
  topicPrefix: string;
}): StackFile {
  const { backing, keys, seed } = parts;
  return {
    kafka: {
      brokers: [...backing.kafka.brokers],
      ...(parts.topicPrefix === '' ? {} : { topicPrefix: parts.topicPrefix }),
      user: backing.security && kafkaUserOf(backing.security, STACK_USER),
    },
    authority: backing.security?.authority.caFile,
    services: parts.urls,
    trustAnchors: parts.trustAnchors,
    serviceKeys: filesOf(keys.services, parts.urls.console !== undefined ? services : coreServices),
    ...outsidersOf(
      { keys, seed },
      {
        producer: (id) => keys.producers[id]!.file,
        client: (id) =>
          (id === PROBE ? keys.probe : id === CONSOLE_CLIENT ? keys.consoleClient : keys.operators[id]).file,
      },
      (id) => backing.security && kafkaUserOf(backing.security, id),
    ),
    traces: { otlp: backing.traces.otlp, jaeger: backing.traces.jaeger },
    postgres: parts.databases,
  };
}

function filesOf(
  keys: Record<ServiceName, GeneratedKey>,
  started: readonly ServiceName[],
): OfServices<string> {
  return Object.fromEntries(started.map((service) => [service, keys[service].file])) as OfServices<string>;
}
