import type { Send, SendOptions } from '@tallystick/messaging';
import type { LedgerResult } from '../domain/book.ts';
import { decide, type LedgerRequest, type State } from '../domain/decide.ts';
import { refusalsOf } from './audit-refusals.ts';
import { publishOutcome } from './publish-outcome.ts';
import type { LedgerStore } from './stores.ts';

/**
 * A request with the send options of its outcome. They name the message that it answers, or the trace of an HTTP
 * request.
 */
export type AskedRequest = LedgerRequest & { options?: SendOptions | undefined };

/**
 * Carries out a batch of ledger requests in a transaction: decides in memory, saves, audits, publishes. Kafka, HTTP and the
 * expiry of holds share this code.
 * @param state loaded by the store for these requests
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
  store.save(decision);
  const refusals = refusalsOf(requests, decision.results, nowMs);
  if (refusals.length > 0) store.audit(refusals);
  requests.forEach((request, at) => publishOutcome(send, request, decision.results[at]!));
  return decision.results;
}
