import { messages, outcomesOf, type DataOf, type MessageDefinition } from '@tallystick/contracts';
import {
  createKafka,
  EventReader,
  KeyFollower,
  Publisher,
  recordOf,
  type IncomingEvent,
  type KafkaConnection,
} from '@tallystick/messaging';
import { importSigningKey, Keyring, seal, type SigningKey } from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry';
import { context, SpanKind, trace } from '@opentelemetry/api';

type Jwk = Parameters<typeof importSigningKey>[0];

const tracer = trace.getTracer('@tallystick/producer');

export interface ProducerOptions {
  kafka: KafkaConnection;
  /** As registered: the `sub` of the certificate. */
  producerId: string;
  /** The producer's own private key; its certificate is read from the key topic. */
  privateJwk: Jwk;
  /** Public JWKs of the root keys, pinned. */
  trustAnchors: readonly Jwk[];
  /** Prefix of all topic names, if other systems share the broker. */
  topicPrefix?: string | undefined;
  /** Keeps events from the time of the connection, so that none is missed. `false`: only publishes. */
  readsOutcomes?: boolean | undefined;
}

/** A published command, with the ids that identify its outcome. */
export interface Published {
  /** The record key: the id of the command's subject. */
  key: string;
  jti: string;
  txn: string;
  /** The record's value, as published. */
  value: string;
}

/** A third party: seals orders with its own key, publishes them and awaits their outcomes. */
export class Producer {
  readonly keyring: Keyring;
  readonly #options: ProducerOptions;
  readonly #signingKey: SigningKey;
  readonly #publisher: Publisher;
  readonly #follower: KeyFollower;
  readonly #reader: EventReader | undefined;

  private constructor(parts: {
    options: ProducerOptions;
    signingKey: SigningKey;
    keyring: Keyring;
    publisher: Publisher;
    follower: KeyFollower;
    reader: EventReader | undefined;
  }) {
    this.#options = parts.options;
    this.#signingKey = parts.signingKey;
    this.keyring = parts.keyring;
    this.#publisher = parts.publisher;
    this.#follower = parts.follower;
    this.#reader = parts.reader;
  }

  /** Connects, and reads the key topic to its end. */
  static async connect(options: ProducerOptions): Promise<Producer> {
    const logger = createLogger({ service: options.producerId, level: 'error', confidentialFields: [] });
    const kafka = createKafka({ ...options.kafka, clientId: options.producerId, logger });
    const topicPrefix = options.topicPrefix ?? '';
    const keyring = await Keyring.create({ trustAnchors: options.trustAnchors });
    const follower = new KeyFollower({ kafka, keyring, service: options.producerId, topicPrefix, logger });
    const reader =
      options.readsOutcomes === false
        ? undefined
        : new EventReader({
            kafka,
            keyring,
            service: options.producerId,
            topicPrefix,
            topics: [outcomesOf(options.producerId)],
            awaitKey: follower.awaitKey,
          });
    const [signingKey, publisher] = await Promise.all([
      importSigningKey(options.privateJwk),
      Publisher.connect(kafka),
      follower.start(),
      reader?.start(),
    ]);
    return new Producer({ options, signingKey, keyring, publisher, follower, reader });
  }

  /**
   * Seals a command and publishes it. A confidential type is encrypted to the service that owns the topic.
   * @param data the payload, amounts as `bigint`
   * @param options.lifetimeS lifetime of the command, in seconds; defaults to its definition's
   * @param options.version an earlier version, in which the payload is given; defaults to the newest
   * @returns when the brokers have confirmed the record
   */
  publish<Definition extends MessageDefinition>(
    definition: Definition,
    data: DataOf<Definition>,
    options?: { lifetimeS?: number; jti?: string; version?: undefined },
  ): Promise<Published>;
  publish(
    definition: MessageDefinition,
    data: unknown,
    options: { lifetimeS?: number; jti?: string; version: number },
  ): Promise<Published>;
  async publish(
    definition: MessageDefinition,
    data: unknown,
    options: { lifetimeS?: number; jti?: string; version?: number | undefined } = {},
  ): Promise<Published> {
    const topic = (this.#options.topicPrefix ?? '') + definition.topic;
    return tracer.startActiveSpan(`send ${definition.topic}`, { kind: SpanKind.PRODUCER }, async (span) => {
      try {
        const envelope = await seal(definition, data, {
          issuer: this.#options.producerId,
          signingKey: this.#signingKey,
          topic,
          nowMs: Date.now(),
          encryptTo:
            definition.classification === 'confidential'
              ? this.keyring.encryptionKeyOf(definition.topic.split('.')[0]!)
              : undefined,
          ...options,
        });
        await this.#publisher.publish([recordOf(envelope, context.active())]);
        const { jti, txn } = envelope.claims;
        return { key: envelope.key, jti, txn, value: envelope.value };
      } finally {
        span.end();
      }
    });
  }

  /**
   * Waits for an event about a published command.
   * @param key the id of the event's subject, e.g. the payment's
   * @param types the types that end the wait
   * @returns the event, verified by its sender's certificate
   * @throws Error if no such event arrives within `timeoutMs`, or if this producer reads no outcomes
   */
  async outcome(key: string, types: readonly MessageDefinition[], timeoutMs: number): Promise<IncomingEvent> {
    if (this.#reader === undefined) throw new Error('this producer reads no outcomes');
    return this.#reader.next(
      ({ claims }) => claims.sub === key && types.some(({ type }) => type === claims.type),
      timeoutMs,
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#publisher.disconnect(), this.#follower.stop(), this.#reader?.stop()]);
  }
}

/** The events that report the final outcome of an order to pay. */
export const paymentOutcomes: readonly MessageDefinition[] = [
  messages.paymentCaptured,
  messages.paymentAuthorized,
  messages.paymentFailed,
  messages.paymentCancelled,
  messages.paymentRefunded,
  messages.paymentCommandRejected,
];
