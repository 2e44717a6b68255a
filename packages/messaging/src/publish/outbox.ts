import { context, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { firstJtiAt, newJti, type DataOf, type MessageDefinition } from '@tallystick/contracts';
import { repeat, transaction, type Pool, type Repeated, type Transaction } from '@tallystick/postgres';
import { recordOutboxAge, type Logger } from '@tallystick/telemetry';
import { crashPoint } from '../crash-point.ts';
import { markPublished, OutboxRelay } from './outbox-relay.ts';
import { insertEmptyRow, insertRow, isRewound, sweepRows, readAges } from './outbox-statements.ts';
import { endProcess, RewoundDatabaseError } from '../consume/position.ts';
import { isRefused, type Publisher } from './publisher.ts';
import type { OutgoingRecord } from './record.ts';
import { sealAll, type Sealer, type Sending, type WantedMessage } from './seal-all.ts';

const RELAY_INTERVAL_MS = 1_000;
const SWEEP_INTERVAL_MS = 10_000;
const MARK_AFTER_MS = 60_000;

export interface SendOptions {
  txn?: string | undefined;
  cause?: string | undefined;
  lifetimeS?: number | undefined;
  /** The third parties that get an outcome, each on its own topic; only outcomes have them. */
  recipients?: readonly string[] | undefined;
  /** The parent span; defaults to the active one. */
  traceContext?: Context | undefined;
}

/** Adds a message to what the running transaction will publish. */
export type Send = <Definition extends MessageDefinition>(
  definition: Definition,
  data: DataOf<Definition>,
  options?: SendOptions,
) => void;

export interface OutboxOptions extends Sealer {
  pool: Pool;
  publisher: Publisher;
  logger: Logger;
  /** How long rows are kept after they were published, in seconds. */
  keptS: number;
  /** Called if the database was restored while the service runs. Defaults to ending the process, which restarts and replays. */
  onRewound?: ((error: RewoundDatabaseError) => void) | undefined;
}

/** Records of a transaction that the brokers have not confirmed. */
interface Unconfirmed {
  rowId: string;
  sendings: readonly Sending[];
}

/**
 * Commits messages together with the state change: they are sealed and stored in the outbox in the same transaction, then
 * published from memory. The relay of any replica publishes what was not confirmed. Delivery is at least once. Rows are kept
 * for a while, so that a lost topic can be published again.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #relay: OutboxRelay;
  #queue: Unconfirmed[] = [];
  /** The newest row that was seen, of any replica. It is never swept, so an older newest row means a restored database. */
  #knownRow: string | undefined;
  /** Published rows: the next transaction or the relay marks them. */
  #confirmed: string[] = [];
  #publishing: Promise<void> | undefined;
  #upkeep: Repeated[] = [];
  #hasReplayed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#relay = new OutboxRelay(options);
  }

  /** The newest row that this process has seen. */
  get knownRow(): string | undefined {
    return this.#knownRow;
  }

  /**
   * Runs `work` in a transaction in which it may send messages.
   * @param options.extra further records, called after `work`
   * @param options.pool another pool, so that HTTP requests that wait for a connection do not delay the consumer
   * @returns the result of `work`, after the commit; publishing has begun by then
   * @throws RewoundDatabaseError if the database was restored: a new row would hide the messages that are to be replayed
   */
  async transaction<T>(
    work: (tx: Transaction, send: Send) => Promise<T>,
    options: { extra?: () => OutgoingRecord[]; pool?: Pool } = {},
  ): Promise<T> {
    const { extra = () => [], pool = this.#options.pool } = options;
    const unsent: Sending[] = [];
    const rowId = newJti();
    const confirmed = this.#confirmed;
    this.#confirmed = [];
    try {
      const result = await transaction(pool, async (tx) => {
        const wanted: WantedMessage[] = [];
        const worked = await work(tx, (definition, data, options = {}) => {
          const traceContext = options.traceContext ?? context.active();
          wanted.push({
            definition,
            data,
            options: { ...options, traceContext },
          });
        });
        unsent.push(
          ...(await sealAll(wanted, this.#options)),
          ...extra().map((record) => ({ record, span: undefined })),
        );
        if (unsent.length > 0) {
          const knownRow = this.#knownRow ?? null;
          insertRow(tx, { rowId, records: recordsOf(unsent), confirmed, knownRow });
        }
        crashPoint('before_commit');
        return worked;
      });
      crashPoint('after_commit');
      if (unsent.length > 0) {
        this.#noteRow(rowId);
        this.#enqueue({ rowId, sendings: unsent });
      } else this.#confirmed.push(...confirmed);
      return result;
    } catch (error) {
      this.#confirmed.push(...confirmed);
      for (const { span } of unsent) span?.end();
      throw isRewound(error) ? this.#rewound() : error;
    }
  }

  /** Starts the relay and the upkeep. */
  start(): void {
    const { logger } = this.#options;
    const upkeep = (
      intervalMs: number,
      work: (signal: AbortSignal) => Promise<void>,
      later: string,
    ): Repeated => repeat(intervalMs, work, (fault) => logger.warn({ err: fault }, later));
    this.#upkeep = [
      // Apart from the relay: while brokers do not answer, operators must still see the age of the outbox.
      upkeep(RELAY_INTERVAL_MS, () => this.#look(), 'outbox.age_check_failed'),
      upkeep(
        RELAY_INTERVAL_MS,
        async () => {
          await this.#markConfirmed();
          await this.#relay.turn();
        },
        'outbox.relay_failed',
      ),
      upkeep(
        SWEEP_INTERVAL_MS,
        async (signal) => {
          await this.#sweep(signal);
          await this.#mark();
        },
        'outbox.sweep_failed',
      ),
    ];
  }

  /**
   * Notes that the replay has finished: the database knows all messages of this service. A row written before that would
   * hide what a restore has removed.
   */
  noteReplayed(): void {
    this.#hasReplayed = true;
  }

  /** Waits for running produce requests; refused records stay in the outbox. */
  async stop(): Promise<void> {
    await Promise.all(this.#upkeep.map((one) => one.stop()));
    await this.#publishing;
    try {
      await this.#markConfirmed();
    } catch (error) {
      // Without its database a service still stops in order: these messages are published again, and count once.
      this.#options.logger.warn({ err: error }, 'outbox.not_marked');
    }
  }

  #noteRow(rowId: string): void {
    if (this.#knownRow === undefined || rowId > this.#knownRow) this.#knownRow = rowId;
  }

  #rewound(): RewoundDatabaseError {
    const error = new RewoundDatabaseError('the outbox', this.#knownRow!, 'an earlier row');
    (this.#options.onRewound ?? endProcess)(error);
    return error;
  }

  /** Reads the newest row, to detect a restored database, and the age of the oldest unpublished row. */
  async #look(): Promise<void> {
    const known = this.#knownRow;
    const { newest, ageS } = await readAges(this.#options.pool);
    recordOutboxAge(ageS ?? 0);
    if (known !== undefined && (newest === null || newest < known)) throw this.#rewound();
    if (newest !== null) this.#noteRow(newest);
  }

  async #markConfirmed(): Promise<void> {
    const confirmed = this.#confirmed;
    if (confirmed.length === 0) return;
    this.#confirmed = [];
    try {
      await markPublished(this.#options.pool, confirmed);
    } catch (error) {
      this.#confirmed.push(...confirmed);
      throw error;
    }
  }

  #enqueue(row: Unconfirmed): void {
    this.#queue.push(row);
    // Outside any trace: it serves many transactions.
    this.#publishing ??= context
      .with(ROOT_CONTEXT, () => this.#drain())
      .finally(() => (this.#publishing = undefined));
  }

  /** One produce request at a time, with everything that was queued meanwhile: this keeps the order, and batches grow with load. */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const rows = this.#queue;
      this.#queue = [];
      const sendings = rows.flatMap((row) => row.sendings);
      try {
        crashPoint('before_publish');
        await this.#publishUnconfirmed(rows);
        crashPoint('after_publish');
      } catch (error) {
        this.#options.logger.warn({ err: error, messages: sendings.length }, 'outbox.publish_failed');
      } finally {
        for (const { span } of sendings) span?.end();
      }
    }
  }

  /** @throws the last error of a row, after all other rows were published */
  async #publishUnconfirmed(rows: readonly Unconfirmed[]): Promise<void> {
    try {
      await this.#options.publisher.publish(recordsOf(rows.flatMap(({ sendings }) => sendings)));
      this.#confirmed.push(...rows.map(({ rowId }) => rowId));
    } catch (error) {
      if (!isRefused(error) || rows.length === 1) throw error;
      let fault: unknown;
      for (const row of rows) await this.#publishUnconfirmed([row]).catch((last: unknown) => (fault = last));
      if (fault !== undefined) throw fault as Error;
    }
  }

  /**
   * Writes an empty row if nothing was sent for a while. A start searches the topics since the newest row; in a service that
   * sends little that could be days of records.
   */
  async #mark(): Promise<void> {
    if (!this.#hasReplayed) return;
    const { pool, nowMs } = this.#options;
    const rowId = newJti();
    const isInserted = await insertEmptyRow(pool, rowId, {
      before: firstJtiAt(nowMs() - MARK_AFTER_MS),
      knownRow: this.#knownRow ?? null,
    });
    if (isInserted) this.#noteRow(rowId);
  }

  /** Deletes rows past their retention. */
  async #sweep(signal: AbortSignal): Promise<void> {
    const { pool, keptS, nowMs } = this.#options;
    await sweepRows(pool, firstJtiAt(nowMs() - keptS * 1_000), signal);
  }
}

function recordsOf(sendings: readonly Sending[]): OutgoingRecord[] {
  return sendings.map(({ record }) => record);
}
