import {
  messages,
  responseCodeOf,
  type DataOf,
  type ErrorCode,
  type RequestEvidence,
} from '@tallystick/contracts';
import type { Send, SendOptions } from '@tallystick/messaging';
import { holdEndsAtMs, type Authorization, type Outcome } from '../domain/authorization.ts';
import {
  authorizeAll,
  type AuthorizationAsk,
  type AuthorizationRequest,
  type AuthorizationState,
  type Verdict,
} from '../domain/authorize.ts';
import type { Reason } from '../domain/card.ts';
import type { CardStore } from './card-store.ts';

/** A request with the holder's request as it was signed, and with the send options of its answers. */
export type AskedAuthorization = AuthorizationAsk & { signed: RequestEvidence; options: SendOptions };

export interface AuthorizeContext {
  nowMs: number;
  /** Signs the decision that the ledger checks before it places the hold. @returns the envelope */
  signDecision: (decision: DataOf<typeof messages.cardDecision>, options: SendOptions) => Promise<string>;
}

/**
 * Approves or declines a batch of requests. It decides in memory, saves the decisions, requests holds for the approved
 * ones from the ledger, and publishes the other outcomes.
 * @param state loaded by the store in this transaction for these requests
 * @returns the reason for which each request was declined, in their order; `undefined` if it was not
 */
export async function authorize(
  store: CardStore,
  send: Send,
  state: AuthorizationState,
  asked: readonly AskedAuthorization[],
  context: AuthorizeContext,
): Promise<(Reason | undefined)[]> {
  const decision = authorizeAll(state, asked, context.nowMs);
  store.saveDecided(decision);
  return Promise.all(
    decision.verdicts.map(async (verdict, at) => {
      const { request, signed, options } = asked[at]!;
      switch (verdict.kind) {
        case 'hold':
          await placeHold(verdict, signed, send, options, context);
          return undefined;
        case 'declined':
          publishDeclined(send, request, verdict.code, options);
          return verdict.code;
        case 'again':
          publish(send, verdict.authorization, verdict.outcomes, options);
          return verdict.outcomes.includes('declined') ? verdict.authorization.code : undefined;
        case 'ignored':
          return undefined;
      }
    }),
  );
}

/**
 * Declines requests that arrived after they expired, unless an earlier copy was answered.
 * @param known the existing authorizations among those of the requests
 */
export function declineExpired(
  send: Send,
  known: ReadonlyMap<string, Authorization>,
  asked: readonly Pick<AskedAuthorization, 'request' | 'options'>[],
): void {
  for (const { request, options } of asked)
    if (!known.has(request.authorizationId)) publishDeclined(send, request, 'envelope.expired', options);
}

/** Publishes the outcomes of an authorization. */
export function publish(
  send: Send,
  authorization: Authorization,
  outcomes: readonly Outcome[],
  options: SendOptions,
): void {
  const { authorizationId, cardId, paymentId, holdId, debitAccountId, clearedMinor, code } = authorization;
  const facts = factsOf(authorization);
  for (const outcome of outcomes) {
    if (outcome === 'approved')
      send(messages.authorizationApproved, { ...facts, holdId, debitAccountId }, options);
    else if (outcome === 'declined') publishDeclined(send, facts, code ?? 'internal', options);
    else send(messages.authorizationEnded, { authorizationId, cardId, paymentId, clearedMinor }, options);
  }
}

/** Publishes that a request was declined. */
export function publishDeclined(
  send: Send,
  request: AuthorizationRequest,
  code: Reason | ErrorCode,
  options: SendOptions,
): void {
  const declined = { ...factsOf(request), code, responseCode: responseCodeOf(code) };
  send(messages.authorizationDeclined, declined, options);
}

/** Signs the decision and requests the hold from the ledger, which verifies both the decision and the holder's request. */
async function placeHold(
  { authorization, terms }: Verdict & { kind: 'hold' },
  request: RequestEvidence,
  send: Send,
  options: SendOptions,
  { nowMs, signDecision }: AuthorizeContext,
): Promise<void> {
  const { authorizationId, debitAccountId, holdId } = authorization;
  const facts = factsOf(authorization);
  const envelope = await signDecision({ ...facts, ...terms, debitAccountId }, options);
  const { paymentId, payeeAccountId: creditAccountId, amountMinor, currency } = facts;
  send(
    messages.holdPlace,
    {
      holdId,
      debitAccountId,
      creditAccountId,
      amountMinor,
      currency,
      paymentId,
      authorizationId,
      expiresAt: new Date(holdEndsAtMs(nowMs)).toISOString(),
      evidence: { kind: 'decision', envelope, request },
    },
    options,
  );
}

/** Returns the facts that the messages about an authorization share. */
export function factsOf({
  authorizationId,
  cardId,
  paymentId,
  payeeAccountId,
  amountMinor,
  currency,
}: AuthorizationRequest): AuthorizationRequest {
  return { authorizationId, cardId, paymentId, payeeAccountId, amountMinor, currency };
}
