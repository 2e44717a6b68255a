import { propagation, ROOT_CONTEXT, type Context, type TextMapGetter } from '@opentelemetry/api';
import { recordHeaders } from '@tallystick/contracts';
import type { SealedEnvelope } from '@tallystick/security';
import type { KafkaMessage } from 'kafkajs';
import { FetchedRecord } from '../wire/fetch-response.ts';

/** A record to publish. */
export interface OutgoingRecord {
  /** Id of the outbox row; a message's `jti`. */
  id: string;
  topic: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, string | Buffer>;
}

/** A received record. Its headers are decoded on demand: most are for other tools. */
export class IncomingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** When it was written, as its sender or the broker says, in milliseconds since 1970. */
  readonly timestampMs: number;
  readonly #message: KafkaMessage;
  #traceContext: Context | undefined;

  constructor(topic: string, partition: number, message: KafkaMessage) {
    this.topic = topic;
    this.partition = partition;
    this.offset = BigInt(message.offset);
    this.key = message.key;
    this.value = message.value;
    this.timestampMs = Number(message.timestamp);
    this.#message = message;
  }

  /** Headers with bytes; if a name has several values, the first. */
  get headers(): Record<string, Buffer> {
    const flat = Object.create(null) as Record<string, Buffer>;
    const { headers = {} } = this.#message;
    for (const name of Object.keys(headers)) {
      const bytes = bytesOf(headers[name]);
      if (bytes !== undefined) flat[name] = bytes;
    }
    return flat;
  }

  /** The trace context in its headers, for its child span. */
  get traceContext(): Context {
    return (this.#traceContext ??= propagation.extract(ROOT_CONTEXT, this.#message, fromHeaders));
  }
}

const fromHeaders: TextMapGetter<KafkaMessage> = {
  keys: ({ headers }) => Object.keys(headers ?? {}),
  get: (message, name) => {
    const bytes = message instanceof FetchedRecord ? message.header(name) : bytesOf(message.headers?.[name]);
    return bytes?.toString('utf8');
  },
};

type ReceivedHeaders = NonNullable<KafkaMessage['headers']>;

/** Any sender may have written a header: it may be null, and kafkajs finds an inherited function under some names. */
function bytesOf(header: ReceivedHeaders[string] | null): Buffer | undefined {
  if (Buffer.isBuffer(header)) return header;
  return Array.isArray(header) ? header.find((value) => Buffer.isBuffer(value)) : undefined;
}

/** Creates the record of an envelope. */
export function recordOf(envelope: SealedEnvelope, traceContext: Context): OutgoingRecord {
  const { claims } = envelope;
  const headers = recordHeaders(claims);
  propagation.inject(traceContext, headers);
  return {
    id: claims.jti,
    topic: claims.aud,
    key: Buffer.from(envelope.key),
    // Compact serializations are ASCII.
    value: Buffer.from(envelope.value, 'latin1'),
    headers,
  };
}
