import { CodedError } from '@tallystick/contracts';
import type { Transaction } from '@tallystick/postgres';

/**
 * Runs work that may refuse after it has written something, beside others in the same transaction. What a refusal wrote is
 * undone; a statement that fails fails the transaction all the same.
 * @returns what `work` returned, or the refusal that it threw
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

/** Carries out requests one after the other: for operations that are rare, and whose effects build on each other. */
export async function inTurn<Request, Result>(
  requests: readonly Request[],
  carryOut: (request: Request) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const request of requests) results.push(await carryOut(request));
  return results;
}
