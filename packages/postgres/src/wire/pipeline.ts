import type pg from 'pg';

/** The version of pg that this room was written for; a test fails if another is installed. */
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

/** A statement that was sent, and whether a Sync of its own follows it. */
interface Sent {
  isSynced: boolean;
}

/**
 * The trips of a connection: statements that go to the server together end with one Sync, where pg has one behind each
 * ("Pipelining" in the message flow of Postgres' protocol). The server answers each Sync at once, which takes a packet of
 * its own and wakes this process for it.
 *
 * pg waits for ReadyForQuery before it goes on to the answers of the next statement, and only a Sync brings that: for
 * statements that have none of their own it is said here. Where one fails the server passes over all until the Sync, so
 * those fail here.
 */
export class Pipeline {
  readonly #connection: Connection;
  readonly #sync: () => void;
  /** In the order in which the server answers. */
  readonly #sent: Sent[] = [];
  /** The last of this trip, which the Sync is to follow. */
  #last: Sent | undefined;
  #isGathering = false;
  #isSpeaking = false;
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
    // pg closes a prepared statement whose values cannot be sent, and goes on to take it for prepared.
    connection.close = ({ type }) => close({ type, name: '' });
    // A query of the simple protocol brings its own ReadyForQuery, unless the server passes over it to a Sync.
    connection.query = (text) => {
      this.#syncPending();
      this.#sent.push({ isSynced: true });
      this.#statements += 1;
      query(text);
    };
    // The client listens already, so that it hears first.
    for (const event of COMPLETIONS) connection.on(event, () => this.#completed());
    connection.on('errorMessage', (error) => this.#failed(error as Error));
    connection.on('readyForQuery', () => {
      if (!this.#isSpeaking) this.#sent.shift();
    });
  }

  static readonly #ofClient = new WeakMap<pg.ClientBase, Pipeline>();

  /** Has a client send by trips. To be called once it is connected, and before it is used. */
  static begin(client: pg.ClientBase): void {
    Pipeline.#ofClient.set(client, new Pipeline(client));
  }

  static of(client: pg.ClientBase): Pipeline {
    return Pipeline.#ofClient.get(client)!;
  }

  /** How many statements went out so far: one whose values cannot be sent never does. */
  get statements(): number {
    return this.#statements;
  }

  /** A transaction begins: what failed before it is none of its causes. */
  forgetCause(): void {
    this.#cause = undefined;
  }

  /** What made a statement fail that failed for the sake of another; a fault of its own as it is. */
  causeOf(fault: unknown): unknown {
    return isConsequence(fault) ? (this.#cause ?? fault) : fault;
  }

  /** Holds back what is sent until all that is begun in this turn of the event loop has been. */
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
    if (this.#sent[0]?.isSynced === false) this.#sayReady();
  }

  #failed(error: Error): void {
    if (this.#isSpeaking) return;
    if (!isConsequence(error)) this.#cause ??= error;
    while (this.#sent[0]?.isSynced === false) {
      this.#sayReady();
      this.#say('errorMessage', new PassedOverError());
    }
  }

  #sayReady(): void {
    this.#sent.shift();
    this.#say('readyForQuery', { status: 'T' });
  }

  #say(event: string, message: unknown): void {
    this.#isSpeaking = true;
    try {
      this.#connection.emit(event, message);
    } finally {
      this.#isSpeaking = false;
    }
  }
}

/** The last answers to a statement but ReadyForQuery: the third where its values could not be sent. */
const COMPLETIONS = ['commandComplete', 'emptyQuery', 'closeComplete'];

/** in_failed_sql_transaction: what a server that does not pass over a statement says of it. */
const IN_FAILED_TRANSACTION = '25P02';
/** invalid_sql_statement_name: what it says where the preparation of the statement was passed over. */
const NOT_PREPARED = '26000';

/** A statement that the server passed over since one before it in its trip failed. */
class PassedOverError extends Error {
  readonly code = IN_FAILED_TRANSACTION;

  constructor() {
    super('current transaction is aborted, commands ignored until end of transaction block');
  }
}

/** Whether a statement failed only since one before it in its transaction had. */
function isConsequence(fault: unknown): boolean {
  const code = (fault as { code?: unknown } | null)?.code;
  return code === IN_FAILED_TRANSACTION || code === NOT_PREPARED;
}
