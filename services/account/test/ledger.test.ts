import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  available,
  noChanges,
  type Book,
  type LedgerCommand,
  type LedgerResult,
  type BookChanges,
} from '../src/domain/book.ts';
import { SUM_MAX_MINOR } from '../src/domain/entry.ts';
import { apply } from '../src/domain/ledger.ts';
import { aimed, anyCommand, anyLegs, brokenRules, newBook, now, nowMs } from './ledger-arbitraries.ts';

const batch = fc.array(anyCommand, { minLength: 1, maxLength: 60 });
const runs = { numRuns: 300 };

/** Applies commands to a new book and observes each step. */
function play(
  commands: readonly LedgerCommand[],
  look: (step: { before: Book; book: Book; result: LedgerResult; command: LedgerCommand }) => void = () => {},
): { book: Book; posting: BookChanges; results: LedgerResult[] } {
  const book = newBook();
  const posting = noChanges();
  const results = commands.map((command, at) => {
    const before = structuredClone(book);
    const made = aimed(command, book, at);
    const result = apply(book, posting, made, now);
    look({ before, book, result, command: made });
    return result;
  });
  return { book, posting, results };
}

describe('any sequence of commands', () => {
  test('conserves money, respects minimum balances, and keeps pending amounts equal to open holds', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        play(commands, ({ book }) => expect(brokenRules(book)).toEqual([]));
      }),
      runs,
    );
  });

  test('leaves the book unchanged by a refused command', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        play(commands, ({ before, book, result }) => {
          if (!result.ok) expect(book).toEqual(before);
        });
      }),
      runs,
    );
  });

  test('gives the same results on the same book', () => {
    fc.assert(
      fc.property(batch, (commands) => expect(play(commands)).toEqual(play(commands))),
      runs,
    );
  });

  test('writes a line for each leg, with the resulting balance and the next number of its account', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        const { book, posting } = play(commands);
        const lines = posting.entries.flatMap(({ legs }) => legs);
        expect(posting.lines.map(({ leg }) => leg)).toEqual(lines);
        const before = new Map([...newBook().accounts].map(([id, { postedMinor }]) => [id, postedMinor]));
        const last = new Map<string, { postedMinor: bigint; sequence: number }>();
        for (const { leg, balanceMinor } of posting.lines) {
          const { postedMinor, sequence } = last.get(leg.accountId) ?? {
            postedMinor: before.get(leg.accountId)!,
            sequence: 0,
          };
          expect([balanceMinor, leg.sequence]).toEqual([postedMinor + leg.amountMinor, sequence + 1]);
          last.set(leg.accountId, { postedMinor: balanceMinor, sequence: sequence + 1 });
        }
        for (const [id, { postedMinor, sequence }] of last)
          expect(book.accounts.get(id)).toMatchObject({ postedMinor, sequence });
      }),
      runs,
    );
  });

  test('reports every changed account and hold', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        const { book, posting } = play(commands);
        const fresh = newBook();
        for (const [id, one] of book.accounts)
          expect(posting.changedAccounts.get(id) ?? fresh.accounts.get(id)).toEqual(one);
        expect(posting.newHolds).toEqual(book.holds);
        expect(posting.changedHolds.size).toBe(0);
      }),
      runs,
    );
  });

  test('replaces loaded values and does not mutate them', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        const book = newBook();
        for (const account of book.accounts.values()) Object.freeze(account);
        for (const command of commands) {
          const result = apply(book, noChanges(), command, now);
          if (result.ok && result.hold !== undefined) Object.freeze(result.hold);
        }
        expect(brokenRules(book)).toEqual([]);
      }),
      runs,
    );
  });

  test('moves money once for each id', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        const ids = play(commands).posting.entries.map(({ entryId }) => entryId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      runs,
    );
  });

  test('reaches every kind of success and every reason for a refusal', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(batch, (commands) => {
        play(commands, ({ result, command }) => seen.add(result.ok ? command.kind : result.code));
      }),
      { numRuns: 500, seed: 1 },
    );
    const codes = ['account_not_found', 'account_not_open', 'same_account', 'currency_mismatch'];
    codes.push(
      'insufficient_funds',
      'hold_not_found',
      'hold_ended',
      'hold_exceeded',
      'id_reused',
      'balance_limit_exceeded',
      'entry_legs_invalid',
      'entry_unbalanced',
    );
    const wanted = [
      'hold',
      'post',
      'void',
      'expire',
      'transfer',
      'entry',
      ...codes.map((code) => `ledger.${code}`),
      'refund.exceeds_payment',
    ];
    expect([...seen].toSorted()).toEqual(wanted.toSorted());
  });
});

describe('an entry', () => {
  const enter = (legs: (LedgerCommand & { kind: 'entry' })['legs'], book = newBook()) => {
    const posting = noChanges();
    const command: LedgerCommand = { kind: 'entry', entryId: 'e0', legs, paymentId: undefined };
    return { book, posting, result: apply(book, posting, command, now) };
  };

  test('is posted completely or not at all', () => {
    fc.assert(
      fc.property(anyLegs, (legs) => {
        const { book, posting, result } = enter(legs);
        if (!result.ok) {
          expect(book).toEqual(newBook());
          expect(posting).toEqual(noChanges());
          return;
        }
        for (const { accountId, amountMinor } of legs) {
          const before = newBook().accounts.get(accountId)!;
          expect(book.accounts.get(accountId)).toEqual({
            ...before,
            postedMinor: before.postedMinor + amountMinor,
            sequence: before.sequence + 1,
            postedAtMs: nowMs,
          });
        }
        expect(posting.changedAccounts.size).toBe(legs.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('sums to zero in each currency, with amounts and sums that JSON represents exactly', () => {
    fc.assert(
      fc.property(anyLegs, (legs) => {
        const { result } = enter(legs);
        if (!result.ok) return;
        const sums = new Map<string, bigint>();
        for (const { amountMinor, currency } of result.entry!.legs)
          sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
        expect([...sums.values()].every((sum) => sum === 0n)).toBe(true);
        expect(legs.length).toBeGreaterThanOrEqual(2);
        expect(legs.length).toBeLessThanOrEqual(16);
      }),
      { numRuns: 1_000 },
    );
  });

  test('gives the same result for any order of its legs', () => {
    fc.assert(
      fc.property(
        anyLegs.chain((legs) =>
          fc.tuple(
            fc.constant(legs),
            fc.shuffledSubarray(legs, { minLength: legs.length, maxLength: legs.length }),
          ),
        ),
        ([legs, shuffled]) => {
          const [one, other] = [enter(legs), enter(shuffled)];
          expect(other).toEqual(one);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('exchanges currencies through two accounts of one owner', () => {
    const { book, result } = enter([
      { accountId: 'ann', amountMinor: -1_000n, currency: 'EUR' },
      { accountId: 'c0', amountMinor: 1_000n, currency: 'EUR' },
      { accountId: 'dollars', amountMinor: -1_100n, currency: 'USD' },
      { accountId: 'more dollars', amountMinor: 1_100n, currency: 'USD' },
    ]);
    expect(result.ok).toBe(true);
    expect(book.accounts.get('more dollars')!.postedMinor).toBe(1_100n);
  });

  test('is refused if JSON cannot represent a resulting balance', () => {
    const legs = (amountMinor: bigint) => [
      { accountId: 'outside', amountMinor: -amountMinor, currency: 'EUR' as const },
      { accountId: 'rich', amountMinor, currency: 'EUR' as const },
    ];
    expect(enter(legs(5_000n)).book.accounts.get('rich')!.postedMinor).toBe(SUM_MAX_MINOR);
    expect(enter(legs(5_001n)).result).toEqual({ ok: false, code: 'ledger.balance_limit_exceeded' });
  });
});

describe('a hold', () => {
  const hold = (changes: Partial<LedgerCommand & { kind: 'hold' }> = {}): LedgerCommand => ({
    kind: 'hold',
    holdId: 'h0',
    debitAccountId: 'ann',
    creditAccountId: 'ben',
    amountMinor: 4_000n,
    currency: 'EUR',
    paymentId: 'p0',
    authorizationId: undefined,
    expiresAtMs: nowMs + 1_000,
    ...changes,
  });
  const post = (amountMinor: bigint, final: boolean, transferId = 't0'): LedgerCommand => ({
    kind: 'post',
    holdId: 'h0',
    debitAccountId: 'ann',
    paymentId: 'p0',
    transferId,
    amountMinor,
    final,
  });
  const run = (commands: LedgerCommand[], atMs = nowMs) => {
    const book = newBook();
    const posting = noChanges();
    const results = commands.map((command) => apply(book, posting, command, { ...now, nowMs: atMs }));
    return {
      results,
      ann: book.accounts.get('ann')!,
      ben: book.accounts.get('ben')!,
      hold: book.holds.get('h0')!,
    };
  };

  test('reduces the available balance and moves nothing', () => {
    const { ann, ben } = run([hold()]);
    expect([ann.postedMinor, ann.pendingMinor, available(ann), ben.postedMinor]).toEqual([
      10_000n,
      4_000n,
      6_000n,
      5_000n,
    ]);
  });

  test('is posted in parts, and the last part releases the rest', () => {
    const { results, ann, ben, hold: held } = run([hold(), post(1_000n, false), post(500n, true, 't1')]);
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(results[2]).toMatchObject({ ended: { releasedMinor: 2_500n } });
    expect(held).toMatchObject({ status: 'posted', postedMinor: 1_500n });
    expect([ann.postedMinor, ann.pendingMinor, ben.postedMinor]).toEqual([8_500n, 0n, 6_500n]);
  });

  test('ends when it is fully posted', () => {
    const { results, hold: held } = run([hold(), post(4_000n, false)]);
    expect(results[1]).toMatchObject({ ok: true, ended: { releasedMinor: 0n } });
    expect(held.status).toBe('posted');
  });

  test('is not posted above its amount, after its expiry or after its end', () => {
    expect(run([hold(), post(4_001n, false)]).results[1]).toEqual({
      ok: false,
      code: 'ledger.hold_exceeded',
    });
    expect(run([hold(), post(1n, false)], nowMs + 1_000).results[1]).toEqual({
      ok: false,
      code: 'ledger.hold_ended',
    });
    const voided: LedgerCommand = { kind: 'void', holdId: 'h0', debitAccountId: 'ann', paymentId: 'p0' };
    expect(run([hold(), voided, post(1n, false)]).results[2]).toEqual({
      ok: false,
      code: 'ledger.hold_ended',
    });
  });

  test('is found only with the id of its debit account', () => {
    const command: LedgerCommand = { kind: 'void', holdId: 'h0', debitAccountId: 'ben', paymentId: 'p0' };
    expect(run([hold(), command]).results[1]).toEqual({ ok: false, code: 'ledger.hold_not_found' });
  });

  test('releases the unposted amount when it is voided', () => {
    const voided: LedgerCommand = { kind: 'void', holdId: 'h0', debitAccountId: 'ann', paymentId: 'p0' };
    const { results, ann } = run([hold(), post(1_000n, false), voided]);
    expect(results[2]).toMatchObject({ ended: { releasedMinor: 3_000n } });
    expect(ann).toMatchObject({ postedMinor: 9_000n, pendingMinor: 0n });
  });
});

describe('a refund', () => {
  const pay = (amountMinor: bigint, refund: boolean, transferId: string): LedgerCommand => ({
    kind: 'transfer',
    transferId,
    debitAccountId: refund ? 'ben' : 'ann',
    creditAccountId: refund ? 'ann' : 'ben',
    amountMinor,
    currency: 'EUR',
    paymentId: 'p0',
    refund,
  });

  test('returns at most the amount that the payment moved, in any parts', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(1n, 3_000n), { maxLength: 20 }), (parts) => {
        const book = newBook();
        apply(book, noChanges(), pay(4_000n, false, 'paid'), now);
        for (const [at, amount] of parts.entries()) {
          const back = [...book.paid.values()][0]!.refundedMinor;
          const result = apply(book, noChanges(), pay(amount, true, `back${at}`), now);
          expect(result.ok).toBe(back + amount <= 4_000n);
        }
        expect(book.accounts.get('ann')!.postedMinor).toBeLessThanOrEqual(10_000n);
      }),
    );
  });

  test('is refused for a payment that moved nothing', () => {
    expect(apply(newBook(), noChanges(), pay(1n, true, 'back'), now)).toEqual({
      ok: false,
      code: 'refund.exceeds_payment',
    });
  });
});
