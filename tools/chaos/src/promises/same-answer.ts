import { promise } from './promise.ts';

export const sameAnswer = promise(
  'a request repeated with its idempotency key got the first answer',
  async ({ payments }) => [...payments.http.contradictions, ...payments.http.refusals],
);
