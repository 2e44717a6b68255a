import { newJti, quarantineOf, type TopicName, quarantineHeaders } from '@tallystick/contracts';
import { open, type Keyring, type OpenedMessage } from '@tallystick/security';
import type { Consumer } from 'kafkajs';
import type { Kafka } from '../kafka.ts';

/** Events kept for later calls; the oldest are dropped first. */
const EVENTS_KEPT_MAX = 10_000;

/** An event that passed every check, with the record's headers as text. */
export interface IncomingEvent extends OpenedMessage {
  headers: Record<string, string>;
}

/** A record that a service refused, with its reason. */
export interface QuarantinedRecord {
  topic: string;
  key: string | null;
  value: Buffer;
  reason: string;
  check: string;
  detail: string | undefined;
}

export interface EventReaderOptions {
  kafka: Kafka;
  keyring: Keyring;
  /** The reader's name, part of its group id. */
  service: string;
  topicPrefix: string;
  /** Without their prefix. */
  topics: readonly string[];
  /** Topics whose quarantine is read as well. */
  quarantines?: readonly TopicName[];
  awaitKey: (kid: string) => Promise<boolean>;
}

interface Waiting<Item> {
  matches: (item: Item) => boolean;
  resolve: (item: Item) => void;
}

/** Keeps recent items, and resolves the promises of callers that wait for one. */
class Kept<Item> {
  readonly #items: Item[] = [];
  readonly #waiting = new Set<Waiting<Item>>();

  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length > EVENTS_KEPT_MAX) this.#items.shift();
    for (const waiting of this.#waiting) if (waiting.matches(item)) waiting.resolve(item);
  }

  next(matches: (item: Item) => boolean, timeoutMs: number, what: string): Promise<Item> {
    const found = this.#items.find(matches);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const waiting: Waiting<Item> = {
        matches,
        resolve: (item) => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          resolve(item);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(new Error(`no such ${what} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.add(waiting);
    });
  }
}

/**
 * Reads new events, and quarantines if asked, outside any shared consumer group: for producers that await outcomes, for tools
 * and for tests. It commits nothing.
 */
export class EventReader {
  readonly #consumer: Consumer;
  readonly #options: EventReaderOptions;
  readonly #events = new Kept<IncomingEvent>();
  readonly #quarantined = new Kept<QuarantinedRecord>();

  constructor(options: EventReaderOptions) {
    this.#options = options;
    this.#consumer = options.kafka.consumer({
      groupId: `${options.topicPrefix}${options.service}.reader.${newJti()}`,
      maxWaitTimeInMs: 200,
    });
  }

  /** Resolves when every event published from now on will be read. */
  async start(): Promise<void> {
    const { topicPrefix, topics, quarantines = [], keyring, awaitKey } = this.#options;
    await this.#consumer.connect();
    const names = [
      ...topics.map((name) => topicPrefix + name),
      ...quarantines.map((name) => quarantineOf(topicPrefix + name)),
    ];
    await this.#consumer.subscribe({ topics: names, fromBeginning: false });
    // The first fetch has fixed the offsets to start from.
    const joined = new Promise<void>((resolve) =>
      this.#consumer.on(this.#consumer.events.FETCH, () => resolve()),
    );
    const isQuarantine = new Set(quarantines.map((name) => quarantineOf(topicPrefix + name)));
    await this.#consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, message }) => {
        const headers = Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
        );
        const key = message.key?.toString('utf8') ?? null;
        if (isQuarantine.has(topic)) {
          this.#quarantined.add({
            topic,
            key,
            value: message.value ?? Buffer.alloc(0),
            reason: headers[quarantineHeaders.reason] ?? '',
            check: headers[quarantineHeaders.check] ?? '',
            detail: headers[quarantineHeaders.detail],
          });
          return;
        }
        const result = await open(
          { topic, key, value: message.value },
          { keyring, nowMs: Date.now(), topicPrefix, waitForKey: awaitKey },
        );
        // A record that does not verify is no event.
        if (result.ok) this.#events.add({ ...result.message, headers });
      },
    });
    await joined;
  }

  /** The first matching event, among those read and those to come. */
  next(matches: (event: IncomingEvent) => boolean, timeoutMs: number): Promise<IncomingEvent> {
    return this.#events.next(matches, timeoutMs, 'event');
  }

  /** The first matching quarantined record. */
  nextQuarantined(
    matches: (record: QuarantinedRecord) => boolean,
    timeoutMs: number,
  ): Promise<QuarantinedRecord> {
    return this.#quarantined.next(matches, timeoutMs, 'record in quarantine');
  }

  async stop(): Promise<void> {
    await this.#consumer.disconnect();
  }
}
