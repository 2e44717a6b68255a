import { describe, expect, test } from '@jest/globals';
import {
  authorizationIdOf,
  countSpending,
  errorCodes,
  operations,
  paymentIdOf,
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
  blockedAtMs: undefined,
  issuedAtMs: 0,
};
const signedAtS = noon / 1_000;

/** Returns the ids that follow from an order of the holder. */
function idsOf(
  endToEndId: string,
  subject = 'usr_1',
): Pick<AuthorizationRequest, 'authorizationId' | 'paymentId'> {
  const paymentId = paymentIdOf({ subject, sourceId: 'crd_1', endToEndId }, signedAtS);
  return { paymentId, authorizationId: authorizationIdOf(paymentId) };
}

const request: AuthorizationRequest = {
  ...idsOf('INVOICE-1'),
  cardId: 'crd_1',
  payeeAccountId: 'acc_2',
  amountMinor: 50n,
  currency: 'EUR',
};

/** Builds the verified request of the holder for this payment. */
function asked(
  changes: Partial<AuthorizationRequest> = {},
  subject = 'usr_1',
  endToEndId = 'INVOICE-1',
): VerifiedEvidence & { kind: 'request' } {
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
      capturedBy: 'payee',
      endToEndId,
    },
    signedAtS,
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
  test('is approved if it matches the request of its holder and the card rules', () => {
    expect(tried()).toBeUndefined();
  });

  test.each<[string, Attempt, ErrorCode]>([
    ['by a card without a granted mandate', { of: { status: 'issued' } }, 'card.not_active'],
    ['by a card that its account refused', { of: { status: 'refused' } }, 'card.not_active'],
    ['by a card that an operator blocked', { of: { blockedAtMs: noon } }, 'card.blocked'],
    ['in another currency', { asking: { currency: 'USD' } }, 'card.currency_mismatch'],
    ['of one unit above the limit of a payment', { asking: { amountMinor: 101n } }, 'card.limit_exceeded'],
    ['that another customer requested', { evidence: asked({}, 'usr_2') }, 'card.not_found'],
    ['under another payment id', { asking: { paymentId: idsOf('X').paymentId } }, 'evidence.mismatch'],
    [
      'under another authorization id',
      { asking: { authorizationId: idsOf('X').authorizationId } },
      'evidence.mismatch',
    ],
    ['of another amount than requested', { evidence: asked({ amountMinor: 49n }) }, 'evidence.mismatch'],
    [
      'to another payee than requested',
      { evidence: asked({ payeeAccountId: 'acc_3' }) },
      'evidence.mismatch',
    ],
    ['by another card than requested', { evidence: asked({ cardId: 'crd_2' }) }, 'evidence.mismatch'],
    ['in another currency than requested', { evidence: asked({ currency: 'USD' }) }, 'evidence.mismatch'],
    ['if its evidence does not verify', { evidence: { code: 'evidence.expired' } }, 'evidence.expired'],
  ])('is declined %s', (_name, attempt, code) => {
    expect(tried(attempt)).toBe(code);
  });

  test('is declined by an unknown card', () => {
    expect(decline(request, undefined, new Map(), asked(), noon)).toBe('card.not_found');
  });

  test('is declined if the evidence is of another kind or operation', () => {
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

  test('is declined if the holder requested a payment from an account', () => {
    const wish = asked() as VerifiedEvidence & { kind: 'request' };
    const body = { ...(wish.body as object), source: { kind: 'account', accountId: 'crd_1' } };
    expect(tried({ evidence: { ...wish, body } })).toBe('evidence.mismatch');
  });

  test('is approved until the end of the month on the card (UTC)', () => {
    expect(tried({ nowMs: Date.UTC(2026, 11, 31, 23, 59, 59, 999) })).toBeUndefined();
    expect(tried({ nowMs: Date.UTC(2027, 0, 1) })).toBe('card.expired');
  });
});

describe('the limits of a card', () => {
  const payments = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 * 86_400_000 }), fc.bigInt(1n, 120n)), {
    maxLength: 60,
  });

  test('bound the spending of each day and month for any sequence of payments', () => {
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

  test('make released spending available again', () => {
    const usage: Spending = new Map();
    countSpending(usage, card.cardId, 100n, noon);
    countSpending(usage, card.cardId, -100n, noon);
    expect(usage.get(spendingKey(card.cardId, '2026-11-24'))).toBe(0n);
    expect(usage.get(spendingKey(card.cardId, '2026-11'))).toBe(0n);
  });
});

describe('the response code (ISO 8583, field 39)', () => {
  test('is the one that the error code defines', () => {
    const defined = Object.entries(errorCodes).flatMap(([code, definition]) =>
      'iso8583' in definition ? [[code, definition.iso8583]] : [],
    );
    expect(defined).not.toHaveLength(0);
    expect(defined.map(([code]) => [code, responseCodeOf(code!)])).toEqual(defined);
  });

  test('is 51 for insufficient funds, and 05 for an error code without one', () => {
    expect(responseCodeOf('ledger.insufficient_funds')).toBe('51');
    expect(responseCodeOf('evidence.mismatch')).toBe('05');
  });
});

describe('a batch of requests', () => {
  const stateOf = (changes: Partial<AuthorizationState> = {}): AuthorizationState => ({
    cards: new Map([[card.cardId, card]]),
    authorizations: new Map(),
    spending: new Map(),
    ...changes,
  });
  const ask = (at: number, changes: Partial<AuthorizationRequest> = {}): AuthorizationAsk => {
    const endToEndId = `INVOICE-${at}`;
    return {
      request: { ...request, ...idsOf(endToEndId), ...changes },
      evidence: asked(changes, 'usr_1', endToEndId),
    };
  };
  const kinds = (asks: AuthorizationAsk[], state = stateOf()): string[] =>
    authorizeAll(state, asks, noon).verdicts.map((verdict) =>
      verdict.kind === 'declined' ? verdict.code : verdict.kind,
    );

  test('counts each approved amount against the limits of later requests', () => {
    expect(kinds([1, 2, 3].map((at) => ask(at, { amountMinor: 100n })))).toEqual([
      'hold',
      'hold',
      'card.limit_exceeded',
    ]);
  });

  test('accepts each order once, under its own id alone', () => {
    const again = { ...ask(2), evidence: ask(1).evidence };
    expect(kinds([ask(1), again, ask(1)])).toEqual(['hold', 'evidence.mismatch', 'ignored']);
  });

  test('repeats the outcome for a repeated id once the ledger has answered', () => {
    const [decided] = authorizeAll(stateOf(), [ask(1)], noon).newAuthorizations;
    const known = (status: 'requested' | 'approved'): AuthorizationState =>
      stateOf({ authorizations: new Map([[decided!.authorizationId, { ...decided!, status }]]) });
    expect(kinds([ask(1)], known('requested'))).toEqual(['ignored']);
    expect(authorizeAll(known('approved'), [ask(1)], noon).verdicts).toMatchObject([
      { kind: 'again', outcomes: ['approved'] },
    ]);
    // Under the id of another payment.
    expect(kinds([ask(1, { paymentId: idsOf('X').paymentId })], known('approved'))).toEqual(['ignored']);
  });

  test('gives the same verdicts if it is split in two', () => {
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
