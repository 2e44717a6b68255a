import type { Response } from 'express';

/** Returns a signal that ends when the browser no longer waits for the answer. */
export function endOf(response: Response): AbortSignal {
  const end = new AbortController();
  response.once('close', () => end.abort());
  return end.signal;
}
