import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { available, type Book, type LedgerCommand, type LedgerResult } from '../src/domain/book.ts';
import { apply, emptyPosting, type Posting } from '../src/domain/ledger.ts';
import { aimed, anyCommand, brokenRules, newBook, nowMs } from './ledger-arbitraries.ts';

const batch = fc.array(anyCommand, { minLength: 1, maxLength: 60 });
const runs = { numRuns: 300 };

/** Applies commands to a new book, and looks at each step. */
function play(
  commands: readonly LedgerCommand[],
  look: (step: { before: Book; book: Book; result: LedgerResult; command: LedgerCommand }) => void = () => {},
): { book: Book; posting: Posting; results: LedgerResult[] } {
  const book = newBook();
  const posting = emptyPosting();
  const results = commands.map((command, at) => {
    const before = structuredClone(book);
    const made = aimed(command, book, at);
    const result = apply(book, posting, made, nowMs);
    look({ before, book, result, command: made });
    return result;
  });
  return { book, posting, results };
}

describe('whatever is asked of the ledger', () => {
  test('money is conserved, no floor is broken, pending is what open holds have left', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        play(commands, ({ book }) => expect(brokenRules(book)).toEqual([]));
      }),
      runs,
    );
  });

  test('a command that is refused leaves the book as it was', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        play(commands, ({ before, book, result }) => {
          if (!result.ok) expect(book).toEqual(before);
        });
      }),
      runs,
    );
  });

  test('the same commands on the same book give the same results', () => {
    fc.assert(
      fc.property(batch, (commands) => expect(play(commands)).toEqual(play(commands))),
      runs,
    );
  });

  test('each transfer has a debit and a credit of its amount, with the balance that each left', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        const { book, posting } = play(commands);
        expect(posting.entries).toHaveLength(2 * posting.transfers.length);
        const balances = new Map([...newBook().accounts].map(([id, { postedMinor }]) => [id, postedMinor]));
        for (const { accountId, amountMinor, balanceMinor } of posting.entries) {
          balances.set(accountId, balances.get(accountId)! + amountMinor);
          expect(balanceMinor).toBe(balances.get(accountId));
        }
        for (const [id, { postedMinor }] of book.accounts) expect(postedMinor).toBe(balances.get(id));
        for (const { transferId, amountMinor } of posting.transfers) {
          const sides = posting.entries.filter((entry) => entry.transferId === transferId);
          expect(sides.map((entry) => entry.amountMinor)).toEqual([-amountMinor, amountMinor]);
        }
      }),
      runs,
    );
  });

  test('what changed is told: accounts and holds that are not among the changes are as they were', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        const { book, posting } = play(commands);
        const fresh = newBook();
        for (const [id, one] of book.accounts)
          if (!posting.changedAccounts.has(one)) expect(one).toEqual(fresh.accounts.get(id));
        for (const hold of book.holds.values()) expect(posting.newHolds).toContain(hold);
        for (const hold of posting.newHolds)
          if (!posting.changedHolds.has(hold))
            expect(hold).toMatchObject({ status: 'open', postedMinor: 0n });
      }),
      runs,
    );
  });

  test('an id moves money once', () => {
    fc.assert(
      fc.property(batch, (commands) => {
        const ids = play(commands).posting.transfers.map(({ transferId }) => transferId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      runs,
    );
  });

  test('the generator reaches every kind of success and every reason of a refusal', () => {
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
      'correction_exceeded',
    );
    const wanted = ['hold', 'post', 'void', 'expire', 'transfer', ...codes.map((code) => `ledger.${code}`)];
    expect([...seen].toSorted()).toEqual(wanted.toSorted());
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
    const posting = emptyPosting();
    const results = commands.map((command) => apply(book, posting, command, atMs));
    return {
      results,
      ann: book.accounts.get('ann')!,
      ben: book.accounts.get('ben')!,
      hold: book.holds.get('h0')!,
    };
  };

  test('takes from what is available and moves nothing', () => {
    const { ann, ben } = run([hold()]);
    expect([ann.postedMinor, ann.pendingMinor, available(ann), ben.postedMinor]).toEqual([
      10_000n,
      4_000n,
      6_000n,
      5_000n,
    ]);
  });

  test('is posted in parts; the last part releases the rest', () => {
    const { results, ann, ben, hold: held } = run([hold(), post(1_000n, false), post(500n, true, 't1')]);
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(results[2]).toMatchObject({ ended: { releasedMinor: 2_500n } });
    expect(held).toMatchObject({ status: 'posted', postedMinor: 1_500n });
    expect([ann.postedMinor, ann.pendingMinor, ben.postedMinor]).toEqual([8_500n, 0n, 6_500n]);
  });

  test('ends by itself when all of it is posted', () => {
    const { results, hold: held } = run([hold(), post(4_000n, false)]);
    expect(results[1]).toMatchObject({ ok: true, ended: { releasedMinor: 0n } });
    expect(held.status).toBe('posted');
  });

  test('is not posted past its amount, nor after its expiry, nor after it ended', () => {
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

  test('is known by its account: another account’s name does not reach it', () => {
    const command: LedgerCommand = { kind: 'void', holdId: 'h0', debitAccountId: 'ben', paymentId: 'p0' };
    expect(run([hold(), command]).results[1]).toEqual({ ok: false, code: 'ledger.hold_not_found' });
  });

  test('voided, gives all back that was not posted', () => {
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

  test('gives back at the most what the payment moved, in any parts', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(1n, 3_000n), { maxLength: 20 }), (parts) => {
        const book = newBook();
        apply(book, emptyPosting(), pay(4_000n, false, 'paid'), nowMs);
        for (const [at, amount] of parts.entries()) {
          const back = [...book.paid.values()][0]!.refundedMinor;
          const result = apply(book, emptyPosting(), pay(amount, true, `back${at}`), nowMs);
          expect(result.ok).toBe(back + amount <= 4_000n);
        }
        expect(book.accounts.get('ann')!.postedMinor).toBeLessThanOrEqual(10_000n);
      }),
    );
  });

  test('of a payment that moved nothing is refused', () => {
    expect(apply(newBook(), emptyPosting(), pay(1n, true, 'back'), nowMs)).toEqual({
      ok: false,
      code: 'ledger.correction_exceeded',
    });
  });
});
