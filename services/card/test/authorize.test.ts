import { describe, expect, test } from '@jest/globals';
import { errorCodes, operations, type ErrorCode } from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';
import fc from 'fast-check';

import { countUsage, decline, responseCodeOf, type AuthorizationRequest } from '../src/domain/authorize.ts';
import { usageKey, type Card, type CardUsage } from '../src/domain/card.ts';

const noon = Date.UTC(2026, 10, 24, 12);
const card: Card = {
  cardId: 'crd_1',
  ownerId: 'usr_1',
  accountId: 'acc_1',
  currency: 'EUR',
  limits: { perPaymentMinor: 100n, perDayMinor: 250n, perMonthMinor: 600n },
  last4: '1111',
  expiry: '2026-12',
  status: 'active',
  code: undefined,
  issuedAtMs: 0,
};
const request: AuthorizationRequest = {
  cardId: 'crd_1',
  payeeAccountId: 'acc_2',
  amountMinor: 50n,
  currency: 'EUR',
};

/** What the holder's own request for this payment looks like once it verified. */
function asked(changes: Partial<AuthorizationRequest> = {}, subject = 'usr_1'): VerifiedEvidence {
  const { cardId, ...rest } = { ...request, ...changes };
  return {
    kind: 'request',
    subject,
    operation: operations.createPayment,
    params: {},
    body: { source: { kind: 'card', cardId }, ...rest, capture: 'automatic', endToEndId: 'INVOICE-1' },
    use: { iss: 'wallet', jti: 'r1', usableUntilS: 0 },
  };
}

interface Attempt {
  asking?: Partial<AuthorizationRequest>;
  of?: Partial<Card>;
  usage?: CardUsage;
  evidence?: VerifiedEvidence | { code: ErrorCode };
  nowMs?: number;
}

const tried = ({ asking, of, usage = new Map(), evidence = asked(asking), nowMs = noon }: Attempt = {}) =>
  decline({ ...request, ...asking }, { ...card, ...of }, usage, evidence, nowMs);

describe('a card payment', () => {
  test('is approved as its holder asked for it, within the rules', () => {
    expect(tried()).toBeUndefined();
  });

  test.each<[string, Attempt, ErrorCode]>([
    ['of a card that waits for its mandate', { of: { status: 'issued' } }, 'card.not_active'],
    ['of a card that its account refused', { of: { status: 'refused' } }, 'card.not_active'],
    ['in another currency', { asking: { currency: 'USD' } }, 'card.currency_mismatch'],
    ['of one unit more than a payment may be', { asking: { amountMinor: 101n } }, 'card.limit_exceeded'],
    ['that somebody else asked for', { evidence: asked({}, 'usr_2') }, 'evidence.not_owner'],
    ['of another amount than was asked for', { evidence: asked({ amountMinor: 49n }) }, 'evidence.mismatch'],
    [
      'to another payee than was asked for',
      { evidence: asked({ payeeAccountId: 'acc_3' }) },
      'evidence.mismatch',
    ],
    ['of another card than was asked for', { evidence: asked({ cardId: 'crd_2' }) }, 'evidence.mismatch'],
    ['in another currency than was asked for', { evidence: asked({ currency: 'USD' }) }, 'evidence.mismatch'],
    ['whose evidence did not verify', { evidence: { code: 'evidence.expired' } }, 'evidence.expired'],
  ])('%s is declined', (_name, attempt, code) => {
    expect(tried(attempt)).toBe(code);
  });

  test('of no card is declined', () => {
    expect(decline(request, undefined, new Map(), asked(), noon)).toBe('card.not_found');
  });

  test('is declined where the evidence is of another kind or operation', () => {
    const wish = asked() as VerifiedEvidence & { kind: 'request' };
    expect(tried({ evidence: { ...wish, operation: operations.transferPost } })).toBe(
      'evidence.kind_refused',
    );
    const order = {
      kind: 'order',
      producerId: 'acme',
      use: wish.use,
      message: {},
    } as unknown as VerifiedEvidence;
    expect(tried({ evidence: order })).toBe('evidence.kind_refused');
  });

  test('is declined where the holder asked to pay from an account', () => {
    const wish = asked() as VerifiedEvidence & { kind: 'request' };
    const body = { ...(wish.body as object), source: { kind: 'account', accountId: 'crd_1' } };
    expect(tried({ evidence: { ...wish, body } })).toBe('evidence.mismatch');
  });

  test('is approved to the end of the month on the card (UTC), and not past it', () => {
    expect(tried({ nowMs: Date.UTC(2026, 11, 31, 23, 59, 59, 999) })).toBeUndefined();
    expect(tried({ nowMs: Date.UTC(2027, 0, 1) })).toBe('card.expired');
  });
});

describe('limits of a card', () => {
  const payments = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 * 86_400_000 }), fc.bigInt(1n, 120n)), {
    maxLength: 60,
  });

  test('let no more through in a day or a month, whatever is tried and when', () => {
    const start = Date.UTC(2026, 9, 28);
    fc.assert(
      fc.property(payments, (made) => {
        const usage: CardUsage = new Map();
        for (const [afterMs, amountMinor] of made.toSorted(([a], [b]) => a - b)) {
          const nowMs = start + afterMs;
          if (tried({ asking: { amountMinor }, usage, nowMs }) === undefined)
            countUsage(usage, card.cardId, amountMinor, nowMs);
        }
        for (const [key, sum] of usage) {
          const isDay = /\d{4}-\d{2}-\d{2}$/.test(key);
          expect(sum).toBeLessThanOrEqual(isDay ? card.limits.perDayMinor : card.limits.perMonthMinor);
        }
      }),
    );
  });

  test('count again what was given back', () => {
    const usage: CardUsage = new Map();
    countUsage(usage, card.cardId, 100n, noon);
    countUsage(usage, card.cardId, -100n, noon);
    expect(usage.get(usageKey(card.cardId, '2026-11-24'))).toBe(0n);
    expect(usage.get(usageKey(card.cardId, '2026-11'))).toBe(0n);
  });
});

describe('the response code (ISO 8583, field 39)', () => {
  test('is that of the error code where it has one', () => {
    for (const [code, definition] of Object.entries(errorCodes))
      if ('iso8583' in definition && code !== 'card.number_invalid')
        expect([code, responseCodeOf(code as ErrorCode)]).toEqual([code, definition.iso8583]);
  });

  test('is 51 for want of funds, and 05 for what is no reason of a card', () => {
    expect(responseCodeOf('ledger.insufficient_funds')).toBe('51');
    expect(responseCodeOf('evidence.mismatch')).toBe('05');
  });
});
