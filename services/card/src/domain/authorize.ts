import {
  countSpending,
  authorizationIdOf,
  holdIdOf,
  isWithinLimits,
  operations,
  paymentIdOf,
  periodsOf,
  type Currency,
  type ErrorCode,
  type PaymentWish,
  type Spending,
} from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';
import type * as z from 'zod';
import { outcomesSoFar, type Authorization, type Outcome } from './authorization.ts';
import type { Card } from './card.ts';

/** Who captures, as the holder signed it. The decision binds it. */
export type CaptureTerms = Pick<Order, 'capture' | 'capturedBy'>;

type Order = z.output<typeof operations.createPayment.body>;

/** A request to pay by card. */
export interface AuthorizationRequest {
  authorizationId: string;
  cardId: string;
  paymentId: string;
  payeeAccountId: string;
  amountMinor: bigint;
  currency: Currency;
}

/** A request with its verified evidence, or with the reason for which the evidence is invalid. */
export interface AuthorizationAsk {
  request: AuthorizationRequest;
  evidence: VerifiedEvidence | { code: ErrorCode };
}

/** All data that a batch of requests needs. */
export interface AuthorizationState {
  cards: ReadonlyMap<string, Card>;
  /** The existing authorizations among those that the requests name. */
  authorizations: ReadonlyMap<string, Authorization>;
  spending: Spending;
}

/** The decision on one request. */
export type Verdict =
  /** The hold is requested from the ledger, with a signed decision. */
  | { kind: 'hold'; authorization: Authorization; terms: CaptureTerms }
  | { kind: 'declined'; code: ErrorCode }
  /** An earlier message with another `jti` made the same request: its outcome, if any, is published again. */
  | { kind: 'again'; authorization: Authorization; outcomes: readonly Outcome[] }
  /** The request repeats one of the batch, one without an outcome yet, or the id of another payment. */
  | { kind: 'ignored' };

export interface AuthorizationDecision {
  /** One verdict for each request, in their order. */
  verdicts: Verdict[];
  newAuthorizations: Authorization[];
  /** The spending of the batch, to be added. */
  spent: Spending;
}

/**
 * Decides a batch of requests in their order. Pure except for `state`, whose spending it updates. The
 * same state and requests give the same decision.
 */
export function authorizeAll(
  state: AuthorizationState,
  asks: readonly AuthorizationAsk[],
  nowMs: number,
): AuthorizationDecision {
  const decision: AuthorizationDecision = {
    verdicts: [],
    newAuthorizations: [],
    spent: new Map(),
  };
  const answered = new Set(state.authorizations.keys());
  for (const ask of asks) decision.verdicts.push(authorizeOne(state, decision, answered, ask, nowMs));
  return decision;
}

function authorizeOne(
  state: AuthorizationState,
  decision: AuthorizationDecision,
  answered: Set<string>,
  { request, evidence }: AuthorizationAsk,
  nowMs: number,
): Verdict {
  const { authorizationId, cardId, paymentId, amountMinor } = request;
  if (answered.has(authorizationId)) {
    const authorization = state.authorizations.get(authorizationId);
    if (authorization === undefined || authorization.status === 'requested') return { kind: 'ignored' };
    if (authorization.cardId !== cardId || authorization.paymentId !== paymentId) return { kind: 'ignored' };
    return { kind: 'again', authorization, outcomes: outcomesSoFar(authorization) };
  }
  // Nothing is stored under another id than the payment's: it would take the place of the payment's own authorization.
  if (authorizationId !== authorizationIdOf(paymentId))
    return { kind: 'declined', code: 'evidence.mismatch' };
  answered.add(authorizationId);
  const card = state.cards.get(cardId);
  const code = decline(request, card, state.spending, evidence, nowMs);
  if (card === undefined) return { kind: 'declined', code: code ?? 'card.not_found' };
  const authorization = newAuthorization(request, card, code, nowMs);
  decision.newAuthorizations.push(authorization);
  if (code !== undefined || 'code' in evidence || evidence.kind !== 'request')
    return { kind: 'declined', code: code ?? 'evidence.invalid' };
  countSpending(state.spending, cardId, amountMinor, nowMs);
  countSpending(decision.spent, cardId, amountMinor, nowMs);
  const { capture, capturedBy } = evidence.body as Order;
  return { kind: 'hold', authorization, terms: { capture, capturedBy } };
}

/** Builds an authorization in the state after its first decision. */
export function newAuthorization(
  request: AuthorizationRequest,
  card: Card,
  code: Authorization['code'],
  requestedAtMs: number,
): Authorization {
  return {
    ...request,
    debitAccountId: card.accountId,
    holdId: holdIdOf(request.paymentId),
    clearedMinor: 0n,
    status: code === undefined ? 'requested' : 'declined',
    code,
    requestedAtMs,
  };
}

/** Returns the reason to decline a card payment, or `undefined` to approve it. Pure: the caller counts the spending. */
export function decline(
  request: AuthorizationRequest,
  card: Card | undefined,
  spending: Spending,
  evidence: VerifiedEvidence | { code: ErrorCode },
  nowMs: number,
): ErrorCode | undefined {
  if (card === undefined) return 'card.not_found';
  if ('code' in evidence) return evidence.code;
  if (evidence.kind !== 'request' || evidence.operation.id !== operations.createPayment.id)
    return 'evidence.kind_refused';
  // A card of somebody else is answered like one that does not exist.
  if (evidence.subject !== card.ownerId) return 'card.not_found';
  const asked = evidence.body as Order;
  const same =
    asked.source.kind === 'card' &&
    asked.source.cardId === request.cardId &&
    asked.payee.accountId === request.payeeAccountId &&
    asked.amountMinor === request.amountMinor &&
    asked.currency === request.currency &&
    request.paymentId === paymentIdOf(nameOf(evidence.subject, asked), evidence.signedAtS) &&
    request.authorizationId === authorizationIdOf(request.paymentId);
  if (!same) return 'evidence.mismatch';
  if (card.status !== 'active') return 'card.not_active';
  if (card.blockedAtMs !== undefined) return 'card.blocked';
  if (periodsOf(nowMs).month > card.expiry) return 'card.expired';
  if (request.currency !== card.currency) return 'card.currency_mismatch';
  return isWithinLimits(card.limits, spending, card.cardId, request.amountMinor, nowMs)
    ? undefined
    : 'card.limit_exceeded';
}

function nameOf(subject: string, { source, endToEndId }: Order): PaymentWish {
  return { subject, sourceId: source.kind === 'card' ? source.cardId : source.accountId, endToEndId };
}
