import { messages, ORDER_LIFETIME_S } from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import { outcomesSoFar, type Authorization } from '../domain/authorization.ts';
import type { AuthorizationRequest } from '../domain/authorize.ts';
import { factsOf, publish, publishDeclined } from './authorize.ts';

/** How long the ledger may still place the hold of an approval, with the difference of the clocks. */
const HOLD_POSSIBLE_MS = (ORDER_LIFETIME_S + 60) * 1_000;

/** A request to tell the outcome of an authorization, with the send options of the answer. */
export interface StatusRequest {
  request: AuthorizationRequest;
  options: SendOptions;
}

/**
 * Tells the outcomes of authorizations again. It declines requests that were not decided, since they have expired by now,
 * and asks the ledger for a hold without an answer, once the hold cannot be placed any more.
 * @param known the existing authorizations among those asked for
 */
export function tellStatus(
  send: Send,
  known: ReadonlyMap<string, Authorization>,
  asked: readonly StatusRequest[],
  nowMs: number,
): void {
  for (const { request, options } of asked) {
    const authorization = known.get(request.authorizationId);
    if (authorization === undefined) publishDeclined(send, request, 'payment.timed_out', options);
    else if (authorization.status !== 'requested')
      publish(send, authorization, outcomesSoFar(authorization), options);
    else if (authorization.requestedAtMs + HOLD_POSSIBLE_MS < nowMs) askForHold(send, authorization, options);
  }
}

function askForHold(send: Send, authorization: Authorization, options: SendOptions): void {
  const { holdId, debitAccountId } = authorization;
  const {
    authorizationId,
    paymentId,
    payeeAccountId: creditAccountId,
    amountMinor,
    currency,
  } = factsOf(authorization);
  send(
    messages.holdRequestStatus,
    { holdId, debitAccountId, creditAccountId, amountMinor, currency, paymentId, authorizationId },
    options,
  );
}
