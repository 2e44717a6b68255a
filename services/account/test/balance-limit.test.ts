import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  available,
  noChanges,
  type Book,
  type LedgerCommand,
  type LedgerResult,
} from '../src/domain/book.ts';
import { SUM_MAX_MINOR } from '../src/domain/entry.ts';
import { apply } from '../src/domain/ledger.ts';
import { aimed, newBook, now, nowMs } from './ledger-arbitraries.ts';

describe('the limit of a balance', () => {
  const limit = fc.constantFrom(SUM_MAX_MINOR, -SUM_MAX_MINOR);
  const nearLimit = fc.tuple(limit, fc.bigInt(0n, 3_000n)).map(([at, by]) => (at > 0n ? at - by : at + by));
  /** Funded accounts near the limits, with external accounts that balance them. */
  const bookNear = (postedMinor: bigint, otherMinor: bigint): Book => {
    const book = newBook();
    for (const [accountId, posted] of [
      ['rich', postedMinor],
      ['poor', otherMinor],
      ['outside', -15_000n],
    ] as const)
      book.accounts.set(accountId, { ...book.accounts.get(accountId)!, postedMinor: posted });
    return book;
  };
  const accountId = fc.constantFrom('rich', 'poor', 'outside', 'c0');
  const amount = fc.oneof(fc.bigInt(1n, 4_000n), fc.bigInt(SUM_MAX_MINOR - 4_000n, SUM_MAX_MINOR));
  const parties = { debitAccountId: accountId, creditAccountId: accountId, amountMinor: amount };
  const holds = fc.constantFrom('h0', 'h1', 'h2');
  const ids = fc.integer({ min: 0, max: 99 }).map(String);
  const command: fc.Arbitrary<LedgerCommand> = fc.oneof(
    fc.record({ ...parties, holdId: holds }).map((one) => ({
      kind: 'hold' as const,
      ...one,
      currency: 'EUR' as const,
      paymentId: 'p0',
      authorizationId: undefined,
      expiresAtMs: nowMs + 1_000,
    })),
    fc.record({ holdId: holds, transferId: ids, amountMinor: amount, final: fc.boolean() }).map((one) => ({
      kind: 'post' as const,
      ...one,
      debitAccountId: 'rich',
      paymentId: 'p0',
    })),
    fc.record({ ...parties, transferId: ids }).map((one) => ({
      kind: 'transfer' as const,
      ...one,
      currency: 'EUR' as const,
      paymentId: undefined,
      refund: false,
    })),
  );

  test('is kept by every balance, pending amount and available balance, by any commands on any accounts', () => {
    const seen = new Set<string>();
    const inRange = (sum: bigint): boolean => -SUM_MAX_MINOR <= sum && sum <= SUM_MAX_MINOR;
    fc.assert(
      fc.property(nearLimit, nearLimit, fc.array(command, { maxLength: 25 }), (rich, poor, commands) => {
        const book = bookNear(rich, poor);
        const posting = noChanges();
        for (const made of commands) {
          const before = structuredClone(book);
          const result = apply(book, posting, aimed(made, book, 1), now);
          seen.add(result.ok ? made.kind : result.code);
          if (!result.ok) expect(book).toEqual(before);
        }
        for (const one of book.accounts.values())
          expect([one.postedMinor, one.pendingMinor, available(one)].every(inRange)).toBe(true);
        expect(posting.lines.every(({ balanceMinor }) => inRange(balanceMinor))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
    expect([...seen]).toEqual(
      expect.arrayContaining(['hold', 'post', 'transfer', 'ledger.balance_limit_exceeded']),
    );
  });

  test('never refuses the debit of an amount that a hold reserved', () => {
    fc.assert(
      fc.property(nearLimit, amount, fc.array(fc.bigInt(1n, SUM_MAX_MINOR)), (posted, held, parts) => {
        const book = bookNear(posted, 0n);
        const placed: LedgerCommand = {
          kind: 'hold',
          holdId: 'h0',
          debitAccountId: 'rich',
          creditAccountId: 'c0',
          amountMinor: held,
          currency: 'EUR',
          paymentId: 'p0',
          authorizationId: undefined,
          expiresAtMs: nowMs + 1_000,
        };
        if (!apply(book, noChanges(), placed, now).ok) return;
        let leftMinor = held;
        for (const [at, part] of [...parts, held].entries()) {
          const amountMinor = part < leftMinor ? part : leftMinor;
          if (amountMinor === 0n) break;
          const post = { holdId: 'h0', debitAccountId: 'rich', paymentId: 'p0', transferId: `t${at}` };
          const result = apply(book, noChanges(), { kind: 'post', ...post, amountMinor, final: false }, now);
          expect(result.ok).toBe(true);
          leftMinor -= amountMinor;
        }
        expect(book.accounts.get('rich')).toMatchObject({ postedMinor: posted - held, pendingMinor: 0n });
      }),
      { numRuns: 500 },
    );
  });

  test('lets an account beyond it, from before the limit, come back and go no further', () => {
    const beyond = 2n ** 63n - 1n;
    const move = (book: Book, from: string, to: string): LedgerResult =>
      apply(
        book,
        noChanges(),
        {
          kind: 'transfer',
          transferId: 't0',
          debitAccountId: from,
          creditAccountId: to,
          amountMinor: 1n,
          currency: 'EUR',
          paymentId: undefined,
          refund: false,
        },
        now,
      );
    const refused = { ok: false, code: 'ledger.balance_limit_exceeded' };
    expect(move(bookNear(beyond, -beyond), 'outside', 'rich')).toEqual(refused);
    expect(move(bookNear(beyond, -beyond), 'poor', 'outside')).toEqual(refused);
    expect(move(bookNear(beyond, -beyond), 'rich', 'poor').ok).toBe(true);
  });
});
