import { context, ROOT_CONTEXT, SpanKind, trace, type Context, type Span } from '@opentelemetry/api';
import type { MessageDefinition } from '@tallystick/contracts';
import { transaction, type Pool, type Transaction } from '@tallystick/postgres';
import { seal, type Keyring, type SigningKey } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import type * as z from 'zod';
import type { Publisher } from './publisher.ts';
import { recordOf, type OutgoingRecord } from './record.ts';

const RELAY_INTERVAL_MS = 1_000;
/** Rows younger than this are being published by the transaction that wrote them. */
const RELAY_AGE_S = 5;
const RELAY_ROWS_MAX = 500;

const tracer = trace.getTracer('@tallystick/messaging');

export interface SendOptions {
  txn?: string | undefined;
  cause?: string | undefined;
  lifetimeS?: number | undefined;
  /** The span that the message is sent for; the active one where absent. */
  traceContext?: Context | undefined;
}

/** Adds a message to what the running transaction will publish. */
export type Send = <Data extends z.ZodType>(
  definition: MessageDefinition<string, Data>,
  data: z.output<Data>,
  options?: SendOptions,
) => void;

export interface OutboxOptions {
  pool: Pool;
  publisher: Publisher;
  /** This service's id, as its certificate's `sub`. */
  issuer: string;
  signingKey: SigningKey;
  keyring: Keyring;
  topicPrefix: string;
  logger: Logger;
  nowMs: () => number;
}

interface Sending {
  record: OutgoingRecord;
  span: Span;
}

/**
 * State and the messages that tell of it, committed together: messages are sealed and written to the outbox in the
 * transaction that changes the state, then published straight from memory. What was not confirmed is picked up by
 * the relay, here or in another replica. Delivery is at least once.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #queue: Sending[] = [];
  #publishing: Promise<void> | undefined;
  #relayTimer: NodeJS.Timeout | undefined;
  #relaying: Promise<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * Runs `work` in a transaction in which it may send messages.
   * @returns what `work` returned, after the commit; the messages are on their way then
   */
  async transaction<T>(
    work: (tx: Transaction, send: Send) => Promise<T>,
    extra: () => OutgoingRecord[] = () => [],
  ): Promise<T> {
    const spans: Span[] = [];
    try {
      const { result, sendings } = await transaction(this.#options.pool, async (tx) => {
        const pending: (() => Promise<Sending>)[] = [];
        const worked = await work(tx, (definition, data, options = {}) => {
          pending.push(() => this.#seal(definition, data, options, spans));
        });
        const sealed = await Promise.all(pending.map((make) => make()));
        const raw = extra().map((record) => ({ record, span: trace.wrapSpanContext(noContext) }));
        const all = [...sealed, ...raw];
        await insert(
          tx,
          all.map(({ record }) => record),
        );
        return { result: worked, sendings: all };
      });
      this.#enqueue(sendings);
      return result;
    } catch (error) {
      for (const span of spans) span.end();
      throw error;
    }
  }

  /** Begins to relay what earlier runs or other replicas left unconfirmed. */
  start(): void {
    this.#relayTimer = setInterval(() => {
      this.#relaying ??= this.#relay()
        .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'outbox relay will try again'))
        .finally(() => (this.#relaying = undefined));
    }, RELAY_INTERVAL_MS);
  }

  /** Waits for what is on its way; what the broker does not take stays in the outbox. */
  async stop(): Promise<void> {
    clearInterval(this.#relayTimer);
    await this.#relaying;
    await this.#publishing;
  }

  async #seal<Data extends z.ZodType>(
    definition: MessageDefinition<string, Data>,
    data: z.output<Data>,
    options: SendOptions,
    spans: Span[],
  ): Promise<Sending> {
    const { issuer, signingKey, keyring, topicPrefix, nowMs } = this.#options;
    const topic = topicPrefix + definition.topic;
    const parent = options.traceContext ?? context.active();
    const span = tracer.startSpan(
      `send ${definition.topic}`,
      {
        kind: SpanKind.PRODUCER,
        attributes: {
          'messaging.system': 'kafka',
          'messaging.operation.type': 'send',
          'messaging.destination.name': topic,
          'tallystick.type': definition.type,
        },
      },
      parent,
    );
    spans.push(span);
    const [owner = ''] = definition.topic.split('.');
    const envelope = await seal(definition, data, {
      issuer,
      signingKey,
      topic,
      nowMs: nowMs(),
      txn: options.txn,
      cause: options.cause,
      lifetimeS: options.lifetimeS,
      encryptTo: definition.classification === 'confidential' ? keyring.encryptionKeyOf(owner) : undefined,
    });
    span.setAttributes({
      'messaging.message.id': envelope.claims.jti,
      'messaging.kafka.message.key': envelope.key,
    });
    return { record: recordOf(envelope, trace.setSpan(parent, span)), span };
  }

  #enqueue(sendings: readonly Sending[]): void {
    this.#queue.push(...sendings);
    // Outside the trace of whoever came first: it serves all who come meanwhile.
    this.#publishing ??= context
      .with(ROOT_CONTEXT, () => this.#drain())
      .finally(() => (this.#publishing = undefined));
  }

  /** One request at a time, with all that gathered meanwhile: order is kept and batches grow with load. */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#options.publisher.publish(batch.map(({ record }) => record));
        for (const { span } of batch) span.end();
        await remove(
          this.#options.pool,
          batch.map(({ record }) => record.id),
        );
      } catch (error) {
        for (const { span } of batch) span.end();
        this.#options.logger.warn(
          { err: error, messages: batch.length },
          'published later by the outbox relay',
        );
      }
    }
  }

  async #relay(): Promise<void> {
    await transaction(this.#options.pool, async (tx) => {
      const { rows } = await tx.query<Omit<OutgoingRecord, 'headers'> & { headers: StoredHeaders }>(
        `SELECT id, topic, key, value, headers FROM outbox
         WHERE created_at < now() - make_interval(secs => $1) ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED`,
        [RELAY_AGE_S, RELAY_ROWS_MAX],
      );
      if (rows.length === 0) return;
      await this.#options.publisher.publish(rows.map((row) => ({ ...row, headers: headersOf(row.headers) })));
      await remove(
        tx,
        rows.map(({ id }) => id),
      );
    });
  }
}

const noContext = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };

/** Headers as JSON: bytes from outside, which may be no text, as base64 in an array of one. */
type StoredHeaders = Record<string, string | [base64: string]>;

function storedHeaders(headers: OutgoingRecord['headers']): StoredHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [value.toString('base64')],
    ]),
  );
}

function headersOf(stored: StoredHeaders): OutgoingRecord['headers'] {
  return Object.fromEntries(
    Object.entries(stored).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : Buffer.from(value[0], 'base64'),
    ]),
  );
}

async function insert(tx: Transaction, records: readonly OutgoingRecord[]): Promise<void> {
  if (records.length === 0) return;
  await tx.query({
    name: 'outbox_insert',
    text: `INSERT INTO outbox (id, topic, key, value, headers)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $5::json[])`,
    values: [
      records.map(({ id }) => id),
      records.map(({ topic }) => topic),
      records.map(({ key }) => key),
      records.map(({ value }) => value),
      records.map(({ headers }) => JSON.stringify(storedHeaders(headers))),
    ],
  });
}

async function remove(on: Pick<Transaction, 'query'> | Pool, ids: readonly string[]): Promise<void> {
  await on.query({
    name: 'outbox_remove',
    text: 'DELETE FROM outbox WHERE id = ANY($1::uuid[])',
    values: [ids],
  });
}
