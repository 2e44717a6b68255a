import { operations, type ErrorCode } from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';
import type * as z from 'zod';
import { periodsOf, usageKey, type Card, type CardUsage } from './card.ts';

/** What is asked of a card. */
export interface AuthorizationRequest {
  cardId: string;
  payeeAccountId: string;
  amountMinor: bigint;
  currency: string;
}

/** Why a card payment is declined, or `undefined` where it is approved. Pure: the caller counts usage afterwards. */
export function decline(
  request: AuthorizationRequest,
  card: Card | undefined,
  usage: CardUsage,
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
    asked.payeeAccountId === request.payeeAccountId &&
    asked.amountMinor === request.amountMinor &&
    asked.currency === request.currency;
  if (!same) return 'evidence.mismatch';
  return breaksRules(card, request, usage, nowMs);
}

function breaksRules(
  card: Card,
  { amountMinor, currency }: AuthorizationRequest,
  usage: CardUsage,
  nowMs: number,
): ErrorCode | undefined {
  const { day, month } = periodsOf(nowMs);
  if (card.status !== 'active') return 'card.not_active';
  if (month > card.expiry) return 'card.expired';
  if (currency !== card.currency) return 'card.currency_mismatch';
  const usedToday = usage.get(usageKey(card.cardId, day)) ?? 0n;
  const usedThisMonth = usage.get(usageKey(card.cardId, month)) ?? 0n;
  const { perPaymentMinor, perDayMinor, perMonthMinor } = card.limits;
  const within =
    amountMinor <= perPaymentMinor &&
    usedToday + amountMinor <= perDayMinor &&
    usedThisMonth + amountMinor <= perMonthMinor;
  return within ? undefined : 'card.limit_exceeded';
}

/** Counts an approved amount against the day and the month; a negative one gives it back. */
export function countUsage(usage: CardUsage, cardId: string, amountMinor: bigint, atMs: number): void {
  const { day, month } = periodsOf(atMs);
  for (const period of [day, month]) {
    const key = usageKey(cardId, period);
    usage.set(key, (usage.get(key) ?? 0n) + amountMinor);
  }
}

/** ISO 8583 response codes (field 39) of reasons that are not the card's own. */
const RESPONSE_CODES: Partial<Record<ErrorCode, string>> = {
  'ledger.insufficient_funds': '51',
  'mandate.limit_exceeded': '61',
  'mandate.missing': '57',
  'card.not_found': '14',
  'card.not_active': '62',
  'card.expired': '54',
  'card.limit_exceeded': '61',
  'card.currency_mismatch': '57',
};

/** 05: do not honour. */
const DO_NOT_HONOUR = '05';

export function responseCodeOf(code: ErrorCode): string {
  return RESPONSE_CODES[code] ?? DO_NOT_HONOUR;
}
