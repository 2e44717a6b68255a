import pg from 'pg';
import { TIMESTAMPTZ_OID, timestampOf } from './timestamp.ts';

/** The pool or an open transaction: both run statements. */
export type Queryable = Pick<pg.ClientBase, 'query'>;
export type Pool = pg.Pool;

const INT8_OID = 20;
const INT8_ARRAY_OID = 1016;

/**
 * Planner settings for statements that look rows up by key, in arrays. Each statement is planned once per connection,
 * as nested loops over indexes, which is right for a table of any size. By default the planner keeps a scan that was
 * cheap while the table was empty, or plans every batch again, which costs more than running it.
 */
const NESTED_LOOPS = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** Time that a statement may wait for the statements sent with it. */
const ANSWER_GRACE_MS = 10_000;

export interface PoolOptions {
  /**
   * `postgres://user:password@host:port/database`. A function is called for each connection, so that a new password is
   * used from the next connection on. It must not throw.
   */
  url: string | (() => string);
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  maxConnections?: number;
  /** `nested-loops`: for batches that look rows up by key. Defaults to the planner's own choice for each statement. */
  planner?: 'nested-loops';
  connectionTimeoutMs?: number;
  /** The server ends a statement that runs longer than this; 0: no limit. */
  statementTimeoutMs?: number;
  /**
   * A statement without an answer fails after this time, and its connection with it. Defaults to `statementTimeoutMs` +
   * 10 s, or no limit if that is 0. A commit that waits for a standby may fail this way and still take effect; the
   * retry finds out.
   */
  answerTimeoutMs?: number;
  /** The server ends a transaction that is idle for this time, so that its locks are released. */
  idleTransactionTimeoutMs?: number;
  /** Called if an idle connection broke; the pool replaces it. */
  onIdleError?: (error: Error) => void;
}

/**
 * Opens a connection pool that parses `int8` columns as `bigint`, because money must not become a float.
 * It connects at the first query.
 */
export function createPool(options: PoolOptions): Pool {
  const { url, statementTimeoutMs = 30_000 } = options;
  const { answerTimeoutMs = statementTimeoutMs === 0 ? 0 : statementTimeoutMs + ANSWER_GRACE_MS } = options;
  const pool = new pg.Pool({
    ...(typeof url === 'string' ? { connectionString: url } : { Client: clientOf(url) }),
    application_name: options.applicationName,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 5_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: answerTimeoutMs,
    idle_in_transaction_session_timeout: options.idleTransactionTimeoutMs ?? 10_000,
    ...(options.planner === 'nested-loops' && { options: NESTED_LOOPS }),
    // Detects a server that vanished while a connection was idle; the system's default delay is two hours.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // Statements are sent without waiting for the answers to earlier ones.
    pipeline: true,
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
  });
  // Emitted for an idle client whose server went away; without a listener the process would end.
  pool.on('error', (error) => options.onIdleError?.(error));
  // Between the moment a client is given and the one in which its user listens, an error would end the process too.
  pool.on('connect', (client) => void client.on('error', () => {}));
  return pool;
}

/** Returns a client class that reads the URL for each connection: pg-pool creates a new client for each. */
function clientOf(url: () => string): typeof pg.Client {
  return class extends pg.Client {
    constructor(options?: pg.ClientConfig) {
      super({ ...options, connectionString: url() });
    }
  };
}

function typeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (oid === INT8_OID) return BigInt;
  if (oid === TIMESTAMPTZ_OID) return timestampOf;
  if (oid === INT8_ARRAY_OID) {
    const parseArray = pg.types.getTypeParser(1009 as never, 'text') as unknown as (
      text: string,
    ) => (string | null)[];
    return (text: string) => parseArray(text).map((one) => (one === null ? null : BigInt(one)));
  }
  return pg.types.getTypeParser(oid, format as 'text');
}
