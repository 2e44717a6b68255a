/** The services, each the owner of its topics, its database and its keys. */
export const services = ['auth', 'account', 'card', 'payment'] as const;
export type ServiceName = (typeof services)[number];

/** Who sends or handles messages: a service, or a third party with a certified key of its own (`client`). */
export type Party = ServiceName | 'client';

export interface TopicDefinition {
  owner: ServiceName;
  /** `deleted`: kept for the retention time; `compacted`: the latest record of each key is kept for ever. */
  cleanup: 'deleted' | 'compacted';
  partitions: number;
  summary: string;
}

/** Every topic by its name. A topic's quarantine is {@link quarantineOf} it and is not listed. */
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
    summary: 'What is asked of the ledger',
  },
  'account.events.v1': {
    owner: 'account',
    cleanup: 'deleted',
    partitions: 2,
    summary: 'What the ledger did',
  },
  'card.commands.v1': { owner: 'card', cleanup: 'deleted', partitions: 2, summary: 'What is asked of cards' },
  'card.events.v1': { owner: 'card', cleanup: 'deleted', partitions: 2, summary: 'What happened to cards' },
  'payment.commands.v1': { owner: 'payment', cleanup: 'deleted', partitions: 2, summary: 'Orders to pay' },
  'payment.events.v1': { owner: 'payment', cleanup: 'deleted', partitions: 2, summary: 'How payments went' },
} as const satisfies Record<string, TopicDefinition>;

export type TopicName = keyof typeof topics;

/** The key topic, which each process follows from its beginning. */
export const KEY_TOPIC = 'auth.keys.v1' satisfies TopicName;

/** Largest record of a topic, in bytes. Its quarantine takes that with the reason beside it, and keeps it longer. */
export const topicLimits = {
  /**
   * Brokers unpack what a producer compressed, whose unpacked size would have no limit else, and hold it to the limits
   * below: consumers read what needs no codec.
   */
  compressionType: 'uncompressed',
  recordBytesMax: 1_048_588,
  quarantineRecordBytesMax: 2_097_152,
  quarantineRetentionMs: 30 * 86_400_000,
} as const;

/** Envelopes made for this audience are on no topic of their own: they travel as evidence inside others. */
export const DECISIONS_AUDIENCE = 'card.decisions.v1';

/** What an envelope's `aud` may name: a topic, or the audience of decisions. */
export type Audience = TopicName | typeof DECISIONS_AUDIENCE;

export function isTopic(audience: string): audience is TopicName {
  return Object.hasOwn(topics, audience);
}

/**
 * The topic of a service's commands or events.
 * @throws where none is declared
 */
export function topicOf(service: ServiceName, kind: 'commands' | 'events'): TopicName {
  const name = `${service}.${kind}.v1`;
  if (!isTopic(name)) throw new Error(`there is no topic ${name}`);
  return name;
}

/** Where the records of a topic go that fail a check, untouched, with the reason beside them. */
export function quarantineOf(topic: string): string {
  return `${topic}.quarantine`;
}
