import {
  countSpending,
  idFrom,
  isWithinLimits,
  operations,
  periodsOf,
  type Currency,
  type ErrorCode,
  type Spending,
} from '@tallystick/contracts';
import type { EvidenceUse, VerifiedEvidence } from '@tallystick/security';
import type * as z from 'zod';
import { outcomesSoFar, type Authorization, type Outcome } from './authorization.ts';
import type { Card } from './card.ts';

/** What is asked of a card. */
export interface AuthorizationRequest {
  authorizationId: string;
  cardId: string;
  paymentId: string;
  payeeAccountId: string;
  amountMinor: bigint;
  currency: Currency;
}

/** A request with what its holder signed. */
export interface AuthorizationAsk {
  request: AuthorizationRequest;
  evidence: VerifiedEvidence | { code: ErrorCode };
}

/** All that a batch of requests may touch. */
export interface AuthorizationState {
  cards: ReadonlyMap<string, Card>;
  /** Those that exist already, of the authorizations that the requests name. */
  authorizations: ReadonlyMap<string, Authorization>;
  spending: Spending;
  /** By {@link evidenceName}. */
  usedEvidence: Set<string>;
}

/** What is decided on one request. */
export type Verdict =
  /** It is asked of the ledger, with a signed decision. */
  | { kind: 'hold'; authorization: Authorization }
  | { kind: 'declined'; code: ErrorCode }
  /** It was asked before under another `jti`: the outcome is published again, if there is one yet. */
  | { kind: 'again'; authorization: Authorization; outcomes: readonly Outcome[] }
  /** It was asked before within the batch, or for another payment. */
  | { kind: 'ignored' };

export interface AuthorizationDecision {
  /** One for each request, in their order. */
  verdicts: Verdict[];
  newAuthorizations: Authorization[];
  /** What was spent by the batch, to be added. */
  spent: Spending;
  evidence: EvidenceUse[];
}

/** Names a piece of evidence within a set. */
export function evidenceName({ iss, jti }: Pick<EvidenceUse, 'iss' | 'jti'>): string {
  return `${iss}\n${jti}`;
}

/**
 * Decides a batch of requests in their order. Pure but for `state`, whose spending and used evidence it counts on.
 * The same state and requests give the same decision.
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
    evidence: [],
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
  answered.add(authorizationId);
  const card = state.cards.get(cardId);
  const isUsed = !('code' in evidence) && state.usedEvidence.has(evidenceName(evidence.use));
  const code = isUsed ? 'evidence.used' : decline(request, card, state.spending, evidence, nowMs);
  if (card === undefined) return { kind: 'declined', code: code ?? 'card.not_found' };
  const authorization = newAuthorization(request, card, code, nowMs);
  decision.newAuthorizations.push(authorization);
  if (code !== undefined || 'code' in evidence) return { kind: 'declined', code: code ?? 'evidence.invalid' };
  countSpending(state.spending, cardId, amountMinor, nowMs);
  countSpending(decision.spent, cardId, amountMinor, nowMs);
  state.usedEvidence.add(evidenceName(evidence.use));
  decision.evidence.push(evidence.use);
  return { kind: 'hold', authorization };
}

/** An authorization as it is kept from its first decision. */
export function newAuthorization(
  request: AuthorizationRequest,
  card: Card,
  code: Authorization['code'],
  requestedAtMs: number,
): Authorization {
  return {
    ...request,
    debitAccountId: card.accountId,
    holdId: idFrom('hld', request.authorizationId),
    clearedMinor: 0n,
    status: code === undefined ? 'requested' : 'declined',
    code,
    requestedAtMs,
  };
}

/** Why a card payment is declined, or `undefined` where it is approved. Pure: the caller counts spending afterwards. */
export function decline(
  request: Omit<AuthorizationRequest, 'authorizationId' | 'paymentId'>,
  card: Card | undefined,
  spending: Spending,
  evidence: VerifiedEvidence | { code: ErrorCode },
  nowMs: number,
): ErrorCode | undefined {
  if (card === undefined) return 'card.not_found';
  if ('code' in evidence) return evidence.code;
  if (evidence.kind !== 'request' || evidence.operation.id !== operations.createPayment.id)
    return 'evidence.kind_refused';
  if (evidence.subject !== card.ownerId) return 'evidence.not_owner';
  const asked = evidence.body as z.output<typeof operations.createPayment.body>;
  const same =
    asked.source.kind === 'card' &&
    asked.source.cardId === request.cardId &&
    asked.payee.accountId === request.payeeAccountId &&
    asked.amountMinor === request.amountMinor &&
    asked.currency === request.currency;
  if (!same) return 'evidence.mismatch';
  if (card.status !== 'active') return 'card.not_active';
  if (periodsOf(nowMs).month > card.expiry) return 'card.expired';
  if (request.currency !== card.currency) return 'card.currency_mismatch';
  return isWithinLimits(card.limits, spending, card.cardId, request.amountMinor, nowMs)
    ? undefined
    : 'card.limit_exceeded';
}
