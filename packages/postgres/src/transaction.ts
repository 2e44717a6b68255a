import type pg from 'pg';
import { arrayLiteral } from './array-literal.ts';
import type { Pool, Queryable } from './pool.ts';
import { sendInOneWrite } from './wire/one-write.ts';

/** A statement with its parameters; with a `name` it is prepared once per connection. */
export type Statement = pg.QueryConfig;

/**
 * A running transaction. A round trip costs more than most statements, so statements that are started together are sent
 * together, and none waits for the answer to another. The server runs them in the order in which they were started. If
 * a statement fails, all statements sent with it or after it fail too, also a return to a savepoint.
 */
export interface Transaction extends Queryable {
  /** Queues a statement whose answer nobody awaits; it is sent with the next `query` or with the commit. */
  write(statement: Statement): void;
}

/**
 * Runs `work` in one transaction: commits if it resolves, rolls back if it throws.
 * @returns the result of `work`, after the commit
 * @throws the error of `work`, of a write, or of the connection
 */
export async function transaction<T>(pool: Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // The pool listens only while a client is idle; without this a broken connection would end the process.
  const onBroken = (error: Error): void => {
    broken = error;
  };
  client.on('error', onBroken);
  const tx = new OpenTransaction(client);
  try {
    const result = await work(tx);
    await tx.commit();
    return result;
  } catch (error) {
    // Unfinished work must not write after the rollback, outside the transaction.
    tx.end();
    try {
      await client.query('ROLLBACK');
    } catch (rollbackError) {
      // The first error is thrown; a connection that cannot roll back is not used again.
      broken = rollbackError as Error;
    }
    const fault = tx.causeOf(error);
    noteShortage(pool, fault);
    throw fault;
  } finally {
    client.off('error', onBroken);
    client.release(broken);
  }
}

/** SQLSTATE class 53, insufficient resources: the disk is full, too many connections. */
const SHORTAGE = /^53/;
const SHORTAGE_KEPT_MS = 5_000;
const shortages = new WeakMap<Pool, { code: string; atMs: number }>();

function noteShortage(pool: Pool, fault: unknown): void {
  const { code } = fault as { code?: unknown };
  if (typeof code === 'string' && SHORTAGE.test(code)) shortages.set(pool, { code, atMs: performance.now() });
}

/**
 * Returns the resource shortage that a transaction on this pool met within the last seconds.
 * A probe would not find it: a nearly full disk may accept a small write and refuse the larger ones of real work.
 * @returns the SQLSTATE; `undefined` if there was no shortage
 */
export function recentShortage(pool: Pool): string | undefined {
  const shortage = shortages.get(pool);
  return shortage !== undefined && performance.now() - shortage.atMs < SHORTAGE_KEPT_MS
    ? shortage.code
    : undefined;
}

/** Returns the statement with the longest answer timeout that a timer allows. */
export function withoutTimeout(statement: Statement): Statement {
  return { ...statement, query_timeout: 2 ** 31 - 1 } as Statement;
}

/** Prepared like any other statement. It waits for the statements before it, which have their own limits of time. */
const BEGIN = withoutTimeout({ name: 'transaction_begin', text: 'BEGIN' });
const COMMIT: Statement = { name: 'transaction_commit', text: 'COMMIT' };
const ROLLBACK: Statement = { text: 'ROLLBACK' };

class OpenTransaction implements Transaction {
  readonly #client: pg.PoolClient;
  readonly #prepared: Map<string | undefined, string>;
  #waiting: Statement[] = [BEGIN];
  #failedWrite: Error | undefined;
  /** The first failure that does not follow from another one. */
  #cause: Error | undefined;
  /** Whether a statement was refused before it was sent; the server would commit the others. */
  #hasUnsent = false;
  #hasEnded = false;
  /** Whether the statements of this turn will leave together. */
  #isGathering = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
    this.#prepared = preparedOn(client);
  }

  readonly query = ((statement: Statement | string, values?: unknown[]): unknown => {
    this.#flush();
    try {
      return this.#send(
        sendable(typeof statement === 'string' ? { text: statement, values } : statement, this.#prepared),
      );
    } catch (error) {
      this.#hasUnsent = true;
      return Promise.reject(error as Error);
    }
  }) as Queryable['query'];

  write(statement: Statement): void {
    this.#refuseIfEnded();
    try {
      this.#waiting.push(sendable(statement, this.#prepared));
    } catch (error) {
      this.#hasUnsent = true;
      this.#failedWrite ??= error as Error;
    }
  }

  async commit(): Promise<void> {
    this.#flush();
    const committed = this.#send(this.#hasUnsent ? ROLLBACK : COMMIT);
    this.end();
    const { command } = await committed;
    if (this.#failedWrite !== undefined) throw this.#failedWrite;
    // Postgres answers ROLLBACK to COMMIT if a statement failed whose answer was not awaited.
    if (command === 'ROLLBACK')
      throw this.#cause ?? new Error('the transaction was rolled back: a statement in it failed');
  }

  /** Ends the use of the connection, which goes back to the pool. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Returns the failure behind an error: statements after a failed one fail as well. */
  causeOf(error: unknown): unknown {
    const fault = this.#failedWrite ?? error;
    return isConsequence(fault) ? (this.#cause ?? fault) : fault;
  }

  #refuseIfEnded(): void {
    if (this.#hasEnded) throw new Error('the transaction has ended, but its work continued');
  }

  #flush(): void {
    this.#refuseIfEnded();
    for (const statement of this.#waiting)
      this.#send(statement).catch((error: Error) => (this.#failedWrite ??= error));
    this.#waiting = [];
  }

  #send(statement: Statement): Promise<pg.QueryResult> {
    if (!this.#isGathering) {
      this.#isGathering = true;
      sendInOneWrite(this.#client, () => (this.#isGathering = false));
    }
    const answer = this.#client.query(statement);
    answer.catch((error: Error) => {
      if (!isConsequence(error)) this.#cause ??= error;
    });
    return answer;
  }
}

/** Texts of the prepared statements of a connection, by name. */
const preparedTexts = new WeakMap<pg.ClientBase, Map<string | undefined, string>>();

function preparedOn(client: pg.ClientBase): Map<string | undefined, string> {
  const known = preparedTexts.get(client);
  if (known !== undefined) return known;
  const texts = new Map([BEGIN, COMMIT].map(({ name, text }) => [name, text]));
  preparedTexts.set(client, texts);
  return texts;
}

/**
 * Checks a statement, and converts its values to forms that pg can always send. pg reports such faults only after the
 * statements behind them are sent.
 * @throws TypeError if the text is missing, the name belongs to another text, or a value has no form
 */
function sendable(statement: Statement, prepared: Map<string | undefined, string>): Statement {
  const { name, text, values } = statement;
  if (typeof text !== 'string') throw new TypeError('a statement needs a text');
  if (name !== undefined) {
    if ((prepared.get(name) ?? text) !== text)
      throw new TypeError(`the names of statements are unique, and ${name} has another text`);
    prepared.set(name, text);
  }
  return values === undefined ? statement : { ...statement, values: values.map(sendableValue) };
}

function sendableValue(value: unknown): unknown {
  if (Array.isArray(value)) return arrayLiteral(value) ?? value.map(sendableValue);
  if (typeof value === 'symbol' || typeof value === 'function')
    throw new TypeError(`a ${typeof value} is no value of a statement`);
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value))
    return value;
  return JSON.stringify(value);
}

/** in_failed_sql_transaction: the statement follows a failed one. */
const IN_FAILED_TRANSACTION = '25P02';
/** invalid_sql_statement_name: its preparation followed a failed one. */
const NOT_PREPARED = '26000';

/** Returns whether a statement failed only because an earlier one of its transaction had failed. */
function isConsequence(fault: unknown): boolean {
  const code = (fault as { code?: unknown } | null)?.code;
  return code === IN_FAILED_TRANSACTION || code === NOT_PREPARED;
}

const NETWORK_FAULTS: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EMFILE',
]);

/** serialization_failure, deadlock_detected, lock_not_available */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01', '55P03']);

/** Whether a transaction conflicted with another: it committed nothing, and a retry may succeed. */
export function isConflict(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && CONFLICTS.has(code);
}

/** Whether a statement timed out: it waited for a lock, the server was in trouble, or it was slow itself. */
export function isTimeout(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return code === '55P03' || code === '57014' || message === READ_TIMEOUT;
}

/** Message of pg's error if no answer came in time. */
const READ_TIMEOUT = 'Query read timeout';

/**
 * Whether a retry may succeed: the connection broke or the server was in trouble, and the statement was not at fault.
 * SQLSTATE classes: 08 connection, 25 state of the transaction such as read-only, 28 authorization, 53 resources,
 * 57P operator intervention, 58 system error, 40001/40P01 serialization and deadlock, 55P03/57014 a lock wait or a
 * statement that took too long, mostly because another transaction holds the lock.
 */
export function isTransient(error: unknown): boolean {
  if (isTimeout(error)) return true;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') {
    if (/^(08|25|28|53|58|57P)/.test(code) || CONFLICTS.has(code) || NETWORK_FAULTS.has(code)) return true;
  }
  const message = error instanceof Error ? error.message : '';
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    message,
  );
}
