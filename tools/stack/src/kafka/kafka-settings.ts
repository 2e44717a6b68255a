import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { CertificateFiles } from '../tls/authority.ts';
import { STACK_USER, type TransportSecurity } from '../tls/transport-security.ts';

/** The version that both ways of running Kafka use. */
export const KAFKA_VERSION = '4.1.0';

export const KAFKA_START_TIMEOUT_MS = 60_000;

/** The name in the broker's certificate, which makes it a user with every right. */
const BROKER_NAME = 'kafka';

/** What a single broker on a developer's machine needs, whichever way it runs. */
const localBroker: Record<string, string> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  // a topic that nobody declared is a mistake that should show
  'auto.create.topics.enable': 'false',
  // one broker can hold one replica
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  // the defaults of 50 partitions each are for clusters and take a second to create
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.num.partitions': '4',
  // a group's first member starts at once instead of waiting 3 s for others
  'group.initial.rebalance.delay.ms': '0',
};

/** An address that the broker listens at. */
interface Listener {
  /** `host:port`, the host empty for every address */
  listens: string;
  /** where others are told to reach it; as it listens where absent */
  advertised?: string;
}

/** The listeners of a broker by what they are for. */
export interface Listeners {
  /** for all programs: TLS and SCRAM where there is security, else open */
  clients: Listener;
  /** for the controller of the same process */
  controller: Listener;
  /** for the broker itself, where it cannot come by the first: by TLS with certificates of both sides where there is security */
  brokers?: Listener;
  /** for programs that come by a proxy, never with security */
  proxied?: Listener;
}

/** Where the broker finds its own certificate with the key, and the authority that it trusts, PEM each. */
export interface BrokerStores {
  keystore: string;
  truststore: string;
}

/**
 * The properties of a single broker.
 *
 * @param logDirectory where it keeps records; its default where absent
 * @param stores makes it ask every program for TLS, a password and the right to do what it does
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
    // what no rule allows is refused, also to the creator of a topic
    'allow.everyone.if.no.acl.found': 'false',
    'super.users': `User:${STACK_USER};User:CN=${BROKER_NAME}`,
  };
}

/** The content of a broker's properties file. */
export function propertiesText(properties: Record<string, string>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Certifies the broker. @param host where programs reach it */
export function certifyBroker({ authority }: TransportSecurity, host: string): Promise<CertificateFiles> {
  return authority.certify(BROKER_NAME, [...new Set([host, '127.0.0.1', 'localhost'])], Date.now());
}

/** The content of a keystore of type PEM: the key, then its certificate. */
export function keystoreText({ certificateFile, keyFile }: CertificateFiles): string {
  return readFileSync(keyFile, 'utf8') + readFileSync(certificateFile, 'utf8');
}

/** An id for a cluster of one run. */
export function newClusterId(): string {
  const id = randomBytes(16);
  // with the first bit clear its text cannot begin with a hyphen, which the tool would take for an option
  id[0]! &= 0x7f;
  return id.toString('base64url');
}

/**
 * The arguments that format a broker's directory, as the content of a Java argument file: passwords of users are among
 * them, and must not be read from a list of processes.
 *
 * @param propertiesFile as the broker itself reads it
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
