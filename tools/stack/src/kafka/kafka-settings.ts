import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { CertificateFiles } from '../tls/authority.ts';
import { STACK_USER, type TransportSecurity } from '../tls/transport-security.ts';

/** The version for both containers and processes. */
export const KAFKA_VERSION = '4.1.0';

export const KAFKA_START_TIMEOUT_MS = 60_000;

/** The common name in the broker's certificate, which makes it a superuser. */
const BROKER_NAME = 'kafka';

/** Settings of a single broker on a developer's machine, in a container or as a process. */
const localBroker: Record<string, string> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  // an undeclared topic is a mistake that should surface
  'auto.create.topics.enable': 'false',
  // a single broker can hold one replica
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  // the defaults of 50 partitions each are meant for clusters, and take a second to create
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.num.partitions': '4',
  // the first member of a group starts at once instead of waiting 3 s for others
  'group.initial.rebalance.delay.ms': '0',
};

/** An address on which the broker listens. */
interface Listener {
  /** `host:port`; an empty host means every address */
  listens: string;
  /** the address for clients; defaults to `listens` */
  advertised?: string;
}

/** The listeners of a broker by purpose. */
export interface Listeners {
  /** for all programs: TLS and SCRAM with security, else open */
  clients: Listener;
  /** for the controller of the same process */
  controller: Listener;
  /** for the broker itself, if it cannot use the first; with security by mutual TLS */
  brokers?: Listener;
  /** for programs behind a proxy, never with security */
  proxied?: Listener;
}

/** Paths of the broker's certificate with its key, and of the trusted authority, both PEM. */
export interface BrokerStores {
  keystore: string;
  truststore: string;
}

/**
 * Returns the properties of a single broker.
 *
 * @param logDirectory directory of the records; defaults to the broker's own
 * @param stores if present, the broker requires TLS, a password and a right for each operation
 */
export function brokerProperties(
  listeners: Listeners,
  options: { logDirectory?: string; stores?: BrokerStores | undefined } = {},
): Record<string, string> {
  const { stores } = options;
  const protocols: Record<keyof Listeners, string> = {
    clients: stores === undefined ? 'PLAINTEXT' : 'SASL_SSL',
    controller: stores === undefined ? 'PLAINTEXT' : 'SSL',
    brokers: stores === undefined ? 'PLAINTEXT' : 'SSL',
    proxied: 'PLAINTEXT',
  };
  const named = (Object.entries(listeners) as [keyof Listeners, Listener | undefined][])
    .filter((entry): entry is [keyof Listeners, Listener] => entry[1] !== undefined)
    .map(([name, { listens, advertised = listens }]) => ({
      name: name.toUpperCase(),
      listens,
      advertised,
      protocol: protocols[name],
    }));
  return {
    ...localBroker,
    listeners: named.map(({ name, listens }) => `${name}://${listens}`).join(','),
    'advertised.listeners': named
      .filter(({ name }) => name !== 'CONTROLLER')
      .map(({ name, advertised }) => `${name}://${advertised}`)
      .join(','),
    'listener.security.protocol.map': named.map(({ name, protocol }) => `${name}:${protocol}`).join(','),
    'inter.broker.listener.name': listeners.brokers === undefined ? 'CLIENTS' : 'BROKERS',
    'controller.quorum.voters': `1@${listeners.controller.advertised ?? listeners.controller.listens}`,
    ...(options.logDirectory === undefined ? {} : { 'log.dirs': options.logDirectory }),
    ...(stores === undefined ? {} : securityProperties(stores)),
  };
}

function securityProperties({ keystore, truststore }: BrokerStores): Record<string, string> {
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': truststore,
    'ssl.enabled.protocols': 'TLSv1.3',
    'listener.name.controller.ssl.client.auth': 'required',
    'listener.name.brokers.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.clients.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // everything is denied without a rule, even to the creator of a topic
    'allow.everyone.if.no.acl.found': 'false',
    'super.users': `User:${STACK_USER};User:CN=${BROKER_NAME}`,
  };
}

/** Returns the content of a broker's properties file. */
export function propertiesText(properties: Record<string, string>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Certifies the broker. @param host the host that clients use */
export function certifyBroker({ authority }: TransportSecurity, host: string): Promise<CertificateFiles> {
  return authority.certify(BROKER_NAME, [...new Set([host, '127.0.0.1', 'localhost'])], Date.now());
}

/** Returns the content of a PEM keystore: the key, then its certificate. */
export function keystoreText({ certificateFile, keyFile }: CertificateFiles): string {
  return readFileSync(keyFile, 'utf8') + readFileSync(certificateFile, 'utf8');
}

/** Creates a cluster id for one run. */
export function newClusterId(): string {
  const id = randomBytes(16);
  // with the first bit clear the text cannot start with a hyphen, which the tool would parse as an option
  id[0]! &= 0x7f;
  return id.toString('base64url');
}

/**
 * Returns the Java argument file that formats a broker's directory. A file, since the passwords in it must not appear
 * in a process list.
 *
 * @param propertiesFile the path that the broker itself reads
 */
export function formatArguments(
  clusterId: string,
  propertiesFile: string,
  security: TransportSecurity | undefined,
): string {
  const users = security === undefined ? [] : [...security.kafkaUsers.values()];
  const makeUsers = users.flatMap(({ username, password }) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${username},password=${password}]`,
  ]);
  const args = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', propertiesFile, ...makeUsers];
  return args.map((arg) => `"${arg.replaceAll('\\', '\\\\')}"\n`).join('');
}
