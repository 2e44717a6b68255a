import { context } from '@opentelemetry/api';
import { isConflict, isTransient, type Transaction } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import { startBatchSpan } from './batch-span.ts';
import { carryOutWrites, type PendingWrite, type WriteOutcome } from './write-batch.ts';

/** Maximum number of requests in one transaction. */
const WRITES_PER_BATCH_MAX = 200;
/**
 * Maximum number of concurrent transactions: one works while the other commits or waits for a lock. With more, fewer
 * requests share a commit.
 */
const BATCHES_AT_ONCE_MAX = 2;

interface Waiting<Send> {
  write: PendingWrite<Send>;
  resolve: (outcome: WriteOutcome) => void;
  reject: (fault: unknown) => void;
}

/**
 * Batches waiting requests into shared transactions, because a commit costs more than most requests. No request waits
 * for a timer: a lone one runs in the next turn of the event loop, and requests that arrive while transactions run form
 * the next batch.
 */
export class WriteQueue<Send> {
  readonly #transact: <T>(work: (tx: Transaction, send: Send) => Promise<T>) => Promise<T>;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  #waiting: Waiting<Send>[] = [];
  #running = 0;
  #isDue = false;

  constructor(options: {
    transact: <T>(work: (tx: Transaction, send: Send) => Promise<T>) => Promise<T>;
    logger: Logger;
    nowMs?: (() => number) | undefined;
  }) {
    this.#transact = options.transact;
    this.#logger = options.logger;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /** Number of requests without a transaction. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Carries out a request in a shared transaction.
   * @returns its outcome, after the commit
   * @throws the error of its transaction, if the request is the cause or the database may be
   */
  carryOut(write: PendingWrite<Send>): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      if (this.#isDue) return;
      this.#isDue = true;
      // Requests of one turn of the event loop share a batch.
      setImmediate(() => {
        this.#isDue = false;
        this.#begin();
      });
    });
  }

  #begin(): void {
    while (this.#running < BATCHES_AT_ONCE_MAX && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#run(this.#waiting.splice(0, WRITES_PER_BATCH_MAX)).finally(() => {
        this.#running -= 1;
        this.#begin();
      });
    }
  }

  async #run(batch: readonly Waiting<Send>[]): Promise<void> {
    const writes = batch.map(({ write }) => write);
    const { span, spanContext } = startBatchSpan(writes.map(({ request }) => request.traceContext));
    try {
      const outcomes = await context.with(spanContext, () =>
        this.#transact((tx, send) => carryOutWrites(writes, tx, send, this.#nowMs())),
      );
      batch.forEach(({ resolve }, at) => resolve(outcomes[at]!));
    } catch (error) {
      if (batch.length > 1 && mayBeOfOne(error)) await this.#isolate(batch, error);
      else for (const { reject } of batch) reject(error);
    } finally {
      span?.end();
    }
  }

  /** Retries each request alone, so that only the request that failed the transaction fails. */
  async #isolate(batch: readonly Waiting<Send>[], error: unknown): Promise<void> {
    this.#logger.warn({ err: error, requests: batch.length }, 'http.write_batch_isolated');
    for (const one of batch) await this.#run([one]);
  }
}

/** Returns whether one request may have failed the others. Nothing was committed in that case. */
function mayBeOfOne(error: unknown): boolean {
  return !isTransient(error) || isConflict(error);
}
