import { context, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import type { MessageDefinition } from '@tallystick/contracts';
import { transaction, type Pool, type Transaction } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import type * as z from 'zod';
import type { Publisher } from './publisher.ts';
import type { OutgoingRecord } from './record.ts';
import { sealAll, type Sealer, type Sending, type WantedMessage } from './seal-all.ts';

const RELAY_INTERVAL_MS = 1_000;
/** Rows younger than this are being published by the transaction that wrote them. */
const RELAY_AGE_S = 5;
const RELAY_ROWS_MAX = 500;

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

export interface OutboxOptions extends Sealer {
  pool: Pool;
  publisher: Publisher;
  logger: Logger;
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
    const { pool } = this.#options;
    const unsent: Sending[] = [];
    try {
      const result = await transaction(pool, async (tx) => {
        const wanted: WantedMessage[] = [];
        const worked = await work(tx, (definition, data, options = {}) => {
          const traceContext = options.traceContext ?? context.active();
          wanted.push({
            definition: definition as unknown as MessageDefinition,
            data,
            options: { ...options, traceContext },
          });
        });
        unsent.push(
          ...(await sealAll(wanted, this.#options)),
          ...extra().map((record) => ({ record, span: undefined })),
        );
        await insert(
          tx,
          unsent.map(({ record }) => record),
        );
        return worked;
      });
      this.#enqueue(unsent);
      return result;
    } catch (error) {
      for (const { span } of unsent) span?.end();
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
        for (const { span } of batch) span?.end();
        await remove(
          this.#options.pool,
          batch.map(({ record }) => record.id),
        );
      } catch (error) {
        for (const { span } of batch) span?.end();
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
