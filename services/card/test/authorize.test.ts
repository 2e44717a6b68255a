import { describe, expect, test } from '@jest/globals';
import {
  countSpending,
  errorCodes,
  operations,
  responseCodeOf,
  spendingKey,
  type ErrorCode,
  type Spending,
} from '@tallystick/contracts';
import type { VerifiedEvidence } from '@tallystick/security';
import fc from 'fast-check';

import {
  authorizeAll,
  decline,
  type AuthorizationAsk,
  type AuthorizationRequest,
  type AuthorizationState,
} from '../src/domain/authorize.ts';
import type { Card } from '../src/domain/card.ts';

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
  authorizationId: 'aut_1',
  paymentId: 'pay_1',
  cardId: 'crd_1',
  payeeAccountId: 'acc_2',
  amountMinor: 50n,
  currency: 'EUR',
};

/** What the holder's own request for this payment looks like once it verified. */
function asked(changes: Partial<AuthorizationRequest> = {}, subject = 'usr_1'): VerifiedEvidence {
  const { cardId, payeeAccountId, amountMinor, currency } = { ...request, ...changes };
  return {
    kind: 'request',
    subject,
    operation: operations.createPayment,
    params: {},
    body: {
      source: { kind: 'card', cardId },
      payee: { kind: 'account', accountId: payeeAccountId },
      amountMinor,
      currency,
      capture: 'automatic',
      endToEndId: 'INVOICE-1',
    },
    use: { iss: 'wallet', jti: 'r1', usableUntilS: 0 },
  };
}

interface Attempt {
  asking?: Partial<AuthorizationRequest>;
  of?: Partial<Card>;
  usage?: Spending;
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
        const usage: Spending = new Map();
        for (const [afterMs, amountMinor] of made.toSorted(([a], [b]) => a - b)) {
          const nowMs = start + afterMs;
          if (tried({ asking: { amountMinor }, usage, nowMs }) === undefined)
            countSpending(usage, card.cardId, amountMinor, nowMs);
        }
        for (const [key, sum] of usage) {
          const isDay = /\d{4}-\d{2}-\d{2}$/.test(key);
          expect(sum).toBeLessThanOrEqual(isDay ? card.limits.perDayMinor : card.limits.perMonthMinor);
        }
      }),
    );
  });

  test('count again what was given back', () => {
    const usage: Spending = new Map();
    countSpending(usage, card.cardId, 100n, noon);
    countSpending(usage, card.cardId, -100n, noon);
    expect(usage.get(spendingKey(card.cardId, '2026-11-24'))).toBe(0n);
    expect(usage.get(spendingKey(card.cardId, '2026-11'))).toBe(0n);
  });
});

describe('the response code (ISO 8583, field 39)', () => {
  test('is that of the error code where it has one', () => {
    const defined = Object.entries(errorCodes).flatMap(([code, definition]) =>
      'iso8583' in definition ? [[code, definition.iso8583]] : [],
    );
    expect(defined).not.toHaveLength(0);
    expect(defined.map(([code]) => [code, responseCodeOf(code!)])).toEqual(defined);
  });

  test('is 51 for want of funds, and 05 for what is no reason of a card', () => {
    expect(responseCodeOf('ledger.insufficient_funds')).toBe('51');
    expect(responseCodeOf('evidence.mismatch')).toBe('05');
  });
});

describe('a batch of requests', () => {
  const stateOf = (changes: Partial<AuthorizationState> = {}): AuthorizationState => ({
    cards: new Map([[card.cardId, card]]),
    authorizations: new Map(),
    spending: new Map(),
    usedEvidence: new Set(),
    ...changes,
  });
  const ask = (at: number, changes: Partial<AuthorizationRequest> = {}): AuthorizationAsk => {
    const evidence = asked(changes) as VerifiedEvidence & { kind: 'request' };
    return {
      request: { ...request, authorizationId: `aut_${at}`, paymentId: `pay_${at}`, ...changes },
      evidence: { ...evidence, use: { ...evidence.use, jti: `r${at}` } },
    };
  };
  const kinds = (asks: AuthorizationAsk[], state = stateOf()): string[] =>
    authorizeAll(state, asks, noon).verdicts.map((verdict) =>
      verdict.kind === 'declined' ? verdict.code : verdict.kind,
    );

  test('counts each approved amount against the limits of those behind it', () => {
    expect(kinds([1, 2, 3].map((at) => ask(at, { amountMinor: 100n })))).toEqual([
      'hold',
      'hold',
      'card.limit_exceeded',
    ]);
  });

  test('takes each piece of evidence once, and each id once', () => {
    const again = { ...ask(2), evidence: ask(1).evidence };
    expect(kinds([ask(1), again, ask(1)])).toEqual(['hold', 'evidence.used', 'ignored']);
  });

  test('answers again what was decided before under the same id, once the ledger has answered', () => {
    const [decided] = authorizeAll(stateOf(), [ask(1)], noon).newAuthorizations;
    const known = (status: 'requested' | 'approved'): AuthorizationState =>
      stateOf({ authorizations: new Map([['aut_1', { ...decided!, status }]]) });
    expect(kinds([ask(1)], known('requested'))).toEqual(['ignored']);
    expect(authorizeAll(known('approved'), [ask(1)], noon).verdicts).toMatchObject([
      { kind: 'again', outcomes: ['approved'] },
    ]);
    // Under the id of another's payment.
    expect(kinds([ask(1, { paymentId: 'pay_9' })], known('approved'))).toEqual(['ignored']);
  });

  test('cut in two anywhere, comes to the same', () => {
    const amounts = fc.array(fc.bigInt(1n, 150n), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(amounts, fc.nat(), (made, anywhere) => {
        const asks = made.map((amountMinor, at) => ask(at, { amountMinor }));
        const cut = anywhere % (asks.length + 1);
        const parts = stateOf();
        const first = authorizeAll(parts, asks.slice(0, cut), noon);
        const second = authorizeAll(parts, asks.slice(cut), noon);
        const whole = authorizeAll(stateOf(), asks, noon);
        expect([...first.verdicts, ...second.verdicts]).toEqual(whole.verdicts);
      }),
    );
  });
});
