import type pg from 'pg';

/** The version of pg that this module was written for; a test fails if another is installed. */
export const PG_VERSION = '8.23.1';

/** The part of pg's connection that its client calls for a statement. */
interface Connection {
  stream: { cork(): void; uncork(): void };
  sync(): void;
  query(text: string): void;
  execute(portal: unknown): void;
  close(what: { type: 'S' | 'P'; name?: string }): void;
  on(event: string, listener: (message: unknown) => void): void;
  emit(event: string, message: unknown): boolean;
}

/** A sent statement, and whether a Sync follows it directly. */
interface Sent {
  isSynced: boolean;
}

/**
 * Sends statements of a connection in pipelines: one Sync follows all statements that are sent together.
 * pg sends a Sync after each ("Pipelining" in the message flow of Postgres' protocol). The server answers each Sync at
 * once, in a separate packet that wakes this process.
 *
 * pg waits for ReadyForQuery before it reads the answers to the next statement, and the server sends it only for a
 * Sync. This class emits it for the statements without a Sync. If a statement fails, the server skips all messages
 * until the Sync, so this class makes the skipped statements fail.
 */
export class Pipeline {
  readonly #connection: Connection;
  readonly #sync: () => void;
  /** In the order in which the server answers. */
  readonly #sent: Sent[] = [];
  /** The last statement of this pipeline, which the Sync will follow. */
  #last: Sent | undefined;
  #isGathering = false;
  #isEmitting = false;
  #statements = 0;
  #cause: Error | undefined;

  private constructor(client: pg.ClientBase) {
    const { connection } = client as unknown as { connection: Connection };
    this.#connection = connection;
    this.#sync = connection.sync.bind(connection);
    const query = connection.query.bind(connection);
    const execute = connection.execute.bind(connection);
    const close = connection.close.bind(connection);
    connection.sync = () => this.#end();
    connection.execute = (portal) => {
      this.#statements += 1;
      execute(portal);
    };
    // pg closes a prepared statement whose values it cannot send, but still treats the statement as prepared.
    connection.close = ({ type }) => close({ type, name: '' });
    // The server answers a simple query with a ReadyForQuery, unless it skips to a Sync; so the Sync goes first.
    connection.query = (text) => {
      this.#syncPending();
      this.#sent.push({ isSynced: true });
      this.#statements += 1;
      query(text);
    };
    // The client's listeners were added earlier, so they run first.
    for (const event of COMPLETIONS) connection.on(event, () => this.#completed());
    connection.on('errorMessage', (error) => this.#failed(error as Error));
    connection.on('readyForQuery', () => {
      if (!this.#isEmitting) this.#sent.shift();
    });
  }

  static readonly #ofClient = new WeakMap<pg.ClientBase, Pipeline>();

  /** Makes a client send in pipelines. Call it once, after the client has connected and before it is used. */
  static begin(client: pg.ClientBase): void {
    Pipeline.#ofClient.set(client, new Pipeline(client));
  }

  static of(client: pg.ClientBase): Pipeline {
    return Pipeline.#ofClient.get(client)!;
  }

  /** Number of statements sent so far, without those whose values could not be sent. */
  get statements(): number {
    return this.#statements;
  }

  /** Forgets an earlier failure. Call it when a transaction begins. */
  forgetCause(): void {
    this.#cause = undefined;
  }

  /** Returns the original fault if `fault` is only a consequence of another failed statement, else `fault`. */
  causeOf(fault: unknown): unknown {
    return isConsequence(fault) ? (this.#cause ?? fault) : fault;
  }

  /** Holds statements back until the end of this turn of the event loop, so that they are sent together. */
  gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    const { stream } = this.#connection;
    stream.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      this.#syncPending();
      stream.uncork();
    });
  }

  #end(): void {
    const sent = { isSynced: !this.#isGathering };
    this.#sent.push(sent);
    if (sent.isSynced) this.#sync();
    else this.#last = sent;
  }

  #syncPending(): void {
    if (this.#last === undefined) return;
    this.#last.isSynced = true;
    this.#last = undefined;
    this.#sync();
  }

  #completed(): void {
    if (this.#sent[0]?.isSynced === false) this.#emitReady();
  }

  #failed(error: Error): void {
    if (this.#isEmitting) return;
    if (!isConsequence(error)) this.#cause ??= error;
    while (this.#sent[0]?.isSynced === false) {
      this.#emitReady();
      this.#emit('errorMessage', new SkippedStatementError());
    }
  }

  #emitReady(): void {
    this.#sent.shift();
    this.#emit('readyForQuery', { status: 'T' });
  }

  #emit(event: string, message: unknown): void {
    this.#isEmitting = true;
    try {
      this.#connection.emit(event, message);
    } finally {
      this.#isEmitting = false;
    }
  }
}

/** The last message for a statement before ReadyForQuery; `closeComplete` if its values could not be sent. */
const COMPLETIONS = ['commandComplete', 'emptyQuery', 'closeComplete'];

/** in_failed_sql_transaction: the server's error for a statement that it does not skip. */
const IN_FAILED_TRANSACTION = '25P02';
/** invalid_sql_statement_name: the server's error if it skipped the preparation of the statement. */
const NOT_PREPARED = '26000';

/** The server skipped a statement because an earlier one in its pipeline failed. */
class SkippedStatementError extends Error {
  readonly code = IN_FAILED_TRANSACTION;

  constructor() {
    super('current transaction is aborted, commands ignored until end of transaction block');
  }
}

/** Whether a statement failed only because an earlier one in its transaction had failed. */
function isConsequence(fault: unknown): boolean {
  const code = (fault as { code?: unknown } | null)?.code;
  return code === IN_FAILED_TRANSACTION || code === NOT_PREPARED;
}
