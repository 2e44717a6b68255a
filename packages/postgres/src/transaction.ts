import type pg from 'pg';
import type { Pool } from './pool.ts';

export type Transaction = pg.PoolClient;

/**
 * Runs `work` in one transaction: committed when it resolves, rolled back when it throws.
 * @returns what `work` returned, after the commit
 * @throws whatever `work` threw, or the connection's own error
 */
export async function transaction<T>(pool: Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // The pool listens only while a client is idle; a connection that breaks in between would end the process.
  const onBroken = (error: Error): void => {
    broken = error;
  };
  client.on('error', onBroken);
  try {
    // Goes out with the first statements of the work; where it fails, so do they.
    const begun = client.query('BEGIN');
    begun.catch(() => {});
    const result = await work(client);
    await begun;
    const { command } = await client.query('COMMIT');
    // What a transaction answers to COMMIT in which a statement failed that nobody waited for.
    if (command === 'ROLLBACK') throw new Error('the transaction was rolled back: a statement in it failed');
    return result;
  } catch (error) {
    try {
      await client.query('ROLLBACK');
    } catch (rollbackError) {
      // The first error is the one to tell; a connection that cannot roll back is not used again.
      broken = rollbackError as Error;
    }
    throw error;
  } finally {
    client.off('error', onBroken);
    client.release(broken);
  }
}

/**
 * Sends several statements in one trip to the server: none waits for the answer of another, and they run in their
 * order. A trip costs more than most statements do.
 * @param send begins the statements; each must reach `tx.query` before it first awaits anything
 * @returns what they answered, in their order
 */
export function inOneTrip<T extends readonly unknown[]>(
  tx: Transaction,
  send: () => { readonly [At in keyof T]: Promise<T[At]> },
): Promise<{ -readonly [At in keyof T]: T[At] }> {
  const { stream } = (tx as unknown as { connection: { stream: { cork(): void; uncork(): void } } })
    .connection;
  stream.cork();
  try {
    return Promise.all(send()) as Promise<{ -readonly [At in keyof T]: T[At] }>;
  } finally {
    stream.uncork();
  }
}

/**
 * Tells a broken connection or a server in trouble (worth a retry) from a fault of the statement.
 * SQLSTATE classes: 08 connection, 53 resources, 57P operator intervention, 40001/40P01 serialization and deadlock.
 */
export function isTransient(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') {
    if (/^(08|53)/.test(code) || /^57P/.test(code) || code === '40001' || code === '40P01') return true;
    if (['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'].includes(code))
      return true;
  }
  const message = error instanceof Error ? error.message : '';
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    message,
  );
}
