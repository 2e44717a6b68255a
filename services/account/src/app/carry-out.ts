import type { IncomingMessage, Send } from '@tallystick/messaging';
import type { LedgerResult } from '../domain/book.ts';
import { decide, type LedgerRequest, type State } from '../domain/decide.ts';
import { publishOutcome } from './publish-outcome.ts';
import type { LedgerStore } from './stores.ts';

/** A request with the message that asks for it; HTTP and the clock ask without one. */
export type AskedRequest = LedgerRequest & { message?: IncomingMessage | undefined };

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
