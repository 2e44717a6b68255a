import type { Send, SendOptions } from '@tallystick/messaging';
import type { LedgerResult } from '../domain/book.ts';
import { decide, type LedgerRequest, type State } from '../domain/decide.ts';
import { publishOutcome } from './publish-outcome.ts';
import type { LedgerStore } from './stores.ts';

/** A request, and how what comes of it is published: in answer to a message or in a request's trace. */
export type AskedRequest = LedgerRequest & { options?: SendOptions | undefined };

/**
 * Carries out a batch of ledger requests within a transaction: decides in memory, saves, publishes. Kafka, HTTP and the
 * expiry of holds all come through here.
 * @param state what the store loaded for these requests
 * @returns a result for each request, in their order
 */
export function carryOut(
  store: LedgerStore,
  send: Send,
  state: State,
  requests: readonly AskedRequest[],
  nowMs: number,
): LedgerResult[] {
  const decision = decide(state, requests, nowMs);
  store.save(state, decision, nowMs);
  requests.forEach((request, at) => publishOutcome(send, request, decision.results[at]!));
  return decision.results;
}
