import { context } from '@opentelemetry/api';
import { isConflict, isTransient, type Transaction } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import { startBatchSpan } from './batch-span.ts';
import { carryOutWrites, type PendingWrite, type WriteOutcome } from './write-batch.ts';

/** Requests that one transaction serves at most. */
const WRITES_PER_BATCH_MAX = 200;
/** Transactions at once: one works while the other commits or waits for a lock. With more, fewer share a commit. */
const BATCHES_AT_ONCE_MAX = 2;

interface Waiting<Send> {
  write: PendingWrite<Send>;
  resolve: (outcome: WriteOutcome) => void;
  reject: (fault: unknown) => void;
}

/**
 * Gathers requests that wait at the same moment, so that one transaction serves them all. A commit costs more than most
 * requests do. Nothing waits for a timer: one that comes alone goes in the next turn of the event loop, and those that
 * come while transactions run are the next one.
 */
export class WriteQueue<Send> {
  readonly #transact: <T>(work: (tx: Transaction, send: Send) => Promise<T>) => Promise<T>;
  readonly #logger: Logger;
  #waiting: Waiting<Send>[] = [];
  #running = 0;
  #isDue = false;

  constructor(options: {
    transact: <T>(work: (tx: Transaction, send: Send) => Promise<T>) => Promise<T>;
    logger: Logger;
  }) {
    this.#transact = options.transact;
    this.#logger = options.logger;
  }

  /** Requests that no transaction serves yet. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Has a request carried out.
   * @returns what became of it, after the commit
   * @throws the fault of its transaction, where the request is the cause, or where the database may be
   */
  carryOut(write: PendingWrite<Send>): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      if (this.#isDue) return;
      this.#isDue = true;
      // What this turn of the event loop brings goes together.
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
        this.#transact((tx, send) => carryOutWrites(writes, tx, send)),
      );
      batch.forEach(({ resolve }, at) => resolve(outcomes[at]!));
    } catch (error) {
      if (batch.length > 1 && mayBeOfOne(error)) await this.#isolate(batch, error);
      else for (const { reject } of batch) reject(error);
    } finally {
      span?.end();
    }
  }

  /** Tries each request alone, so that only the one fails that made the transaction fail. */
  async #isolate(batch: readonly Waiting<Send>[], error: unknown): Promise<void> {
    this.#logger.warn({ err: error, requests: batch.length }, 'http.write_batch_isolated');
    for (const one of batch) await this.#run([one]);
  }
}

/** Whether one request may have failed the others. Nothing was committed then. */
function mayBeOfOne(error: unknown): boolean {
  return !isTransient(error) || isConflict(error);
}
