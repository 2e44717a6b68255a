/** The services that carry out payments. They run without the console. */
export const coreServices = ['auth', 'account', 'card', 'payment'] as const;
export type CoreServiceName = (typeof coreServices)[number];

/** The services, each the owner of its topics, its database and its keys. `console` serves operators. */
export const services = [...coreServices, 'console'] as const;
export type ServiceName = (typeof services)[number];

/** A party that sends or handles messages: a service, or a third party with its own certified key (`client`). */
export type Party = ServiceName | 'client';

export interface TopicDefinition {
  owner: ServiceName;
  /** `deleted`: records are kept for the retention time; `compacted`: the latest record of each key is kept forever. */
  cleanup: 'deleted' | 'compacted';
  partitions: number;
  summary: string;
}

/** Every topic by its name. Its quarantine ({@link quarantineOf}) is not listed. */
export const topics = {
  'auth.keys.v1': {
    owner: 'auth',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Certificates of all producers and the signed snapshot that lists the current ones',
  },
  'account.commands.v1': {
    owner: 'account',
    cleanup: 'deleted',
    partitions: 2,
    summary: 'Commands to the ledger',
  },
  'account.events.v1': {
    owner: 'account',
    cleanup: 'deleted',
    partitions: 2,
    summary: 'Events of the ledger',
  },
  'card.commands.v1': {
    owner: 'card',
    cleanup: 'deleted',
    partitions: 2,
    summary: 'Commands to the card service',
  },
  'card.events.v1': {
    owner: 'card',
    cleanup: 'deleted',
    partitions: 2,
    summary: 'Events of the card service',
  },
  'payment.commands.v1': {
    owner: 'payment',
    cleanup: 'deleted',
    partitions: 2,
    summary: 'Commands to the payment service',
  },
  'auth.audit.v1': {
    owner: 'auth',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Audit entries of the auth service, in the order of their chain',
  },
  'account.audit.v1': {
    owner: 'account',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Audit entries of the account service, in the order of their chain',
  },
  'card.audit.v1': {
    owner: 'card',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Audit entries of the card service, in the order of their chain',
  },
  'payment.audit.v1': {
    owner: 'payment',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Audit entries of the payment service, in the order of their chain',
  },
  'console.audit.v1': {
    owner: 'console',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Audit entries of the console, in the order of their chain',
  },
  'auth.contracts.v1': {
    owner: 'auth',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Contracts of the auth service: the interfaces that its releases offer, send and handle',
  },
  'account.contracts.v1': {
    owner: 'account',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Contracts of the account service: the interfaces that its releases offer, send and handle',
  },
  'card.contracts.v1': {
    owner: 'card',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Contracts of the card service: the interfaces that its releases offer, send and handle',
  },
  'payment.contracts.v1': {
    owner: 'payment',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Contracts of the payment service: the interfaces that its releases offer, send and handle',
  },
  'console.contracts.v1': {
    owner: 'console',
    cleanup: 'compacted',
    partitions: 1,
    summary: 'Contracts of the console: the interfaces that its releases offer, send and handle',
  },
} as const satisfies Record<string, TopicDefinition>;

export type TopicName = keyof typeof topics;

/** The key topic, which each process follows from its beginning. */
export const KEY_TOPIC = 'auth.keys.v1' satisfies TopicName;

/**
 * Maximum record size of a topic, in bytes. Its quarantine also fits the reason in the headers and keeps records
 * longer.
 */
export const topicLimits = {
  /**
   * Brokers decompress the records of producers and apply the limits below; the decompressed size would otherwise be
   * unlimited. Consumers thus need no codec.
   */
  compressionType: 'uncompressed',
  recordBytesMax: 1_048_588,
  quarantineRecordBytesMax: 2_097_152,
  quarantineRetentionMs: 30 * 86_400_000,
  /** Bytes that a quarantine keeps of a value that is no message or too large for one. */
  quarantinedJunkBytesMax: 4_096,
} as const;

/** The audience of card decisions. They have no topic: they travel as evidence inside other envelopes. */
export const DECISIONS_AUDIENCE = 'card.decisions.v1';

/** The topics of outcomes together, as certificates and definitions name them. Each third party has {@link outcomesOf}. */
export const OUTCOMES = 'outcomes.v1';

/** The prefix of the topics of outcomes, for the rights of the services that write them. */
export const OUTCOMES_PREFIX = `${OUTCOMES}.`;

/** Returns the topic with the answers to the orders of a third party, which nobody else reads. */
export function outcomesOf(producerId: string): string {
  return OUTCOMES_PREFIX + producerId;
}

/** Returns the name under which definitions and certificates list a topic: topics of outcomes have one in common. */
export function listedTopic(topic: string): string {
  const [, owner] = topic.split(OUTCOMES_PREFIX);
  return owner !== undefined && topic === outcomesOf(owner) && !owner.includes('.') ? OUTCOMES : topic;
}

/** The possible topics of a definition: a topic, the topics of outcomes, or the audience of decisions. */
export type Audience = TopicName | typeof OUTCOMES | typeof DECISIONS_AUDIENCE;

export function isTopic(audience: string): audience is TopicName {
  return Object.hasOwn(topics, audience);
}

/**
 * Returns the topic of a service's commands, events, audit entries or contracts.
 * @throws if the topic is not declared
 */
export function topicOf(
  service: ServiceName,
  kind: 'commands' | 'events' | 'audit' | 'contracts',
): TopicName {
  const name = `${service}.${kind}.v1`;
  if (!isTopic(name)) throw new Error(`there is no topic ${name}`);
  return name;
}

/** Returns the quarantine of a topic: records that fail a check go there, with the reason in headers. */
export function quarantineOf(topic: string): string {
  return `${topic}.quarantine`;
}
