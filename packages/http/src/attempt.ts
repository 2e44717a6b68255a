import { CodedError } from '@tallystick/contracts';
import type { Transaction } from '@tallystick/postgres';

/**
 * Runs work that may refuse after a write, in a transaction with other work. If the work refuses, its writes are rolled
 * back; a failed statement still fails the transaction.
 * @returns the result of `work`, or the error with which it refused
 */
export async function attempt<T>(tx: Transaction, work: () => Promise<T>): Promise<T | CodedError> {
  await tx.query('SAVEPOINT attempt');
  try {
    const result = await work();
    await tx.query('RELEASE SAVEPOINT attempt');
    return result;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    await tx.query('ROLLBACK TO SAVEPOINT attempt');
    return error;
  }
}

/** Carries out requests in sequence, for rare operations whose effects depend on each other. */
export async function inTurn<Request, Result>(
  requests: readonly Request[],
  carryOut: (request: Request) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const request of requests) results.push(await carryOut(request));
  return results;
}
