import fc from 'fast-check';

import type { BatchTime } from '../src/domain/batch-time.ts';
import { available, type Account, type Book, type LedgerCommand } from '../src/domain/book.ts';
import { faultOfLegs, SUM_MAX_MINOR, type Leg } from '../src/domain/entry.ts';

export const nowMs = Date.UTC(2026, 10, 24, 12);
const dayMs = 86_400_000;
/** The time of a batch whose accounts are unchanged so far. */
export const now: BatchTime = { nowMs, postedAtMs: nowMs };

export const account = (accountId: string, changes: Partial<Account> = {}): Account => ({
  accountId,
  ownerId: `owner of ${accountId}`,
  currency: 'EUR',
  status: 'open',
  minimumBalanceMinor: 0n,
  postedMinor: 0n,
  pendingMinor: 0n,
  sequence: 0,
  postedAtMs: 0,
  ...changes,
});

/** Accounts without restrictions, so that entries of many legs find enough of them. */
const crowd = Array.from({ length: 14 }, (_, at) => `c${at}`);

/** Creates a book that an external account has funded, with accounts of every kind that commands may meet. */
export function newBook(): Book {
  const accounts = [
    account('outside', { minimumBalanceMinor: null, postedMinor: -15_000n }),
    account('ann', { postedMinor: 10_000n }),
    account('ben', { postedMinor: 5_000n }),
    account('overdraft', { minimumBalanceMinor: -500n }),
    account('frozen', { status: 'frozen' }),
    account('closed', { status: 'closed' }),
    account('dollars', { currency: 'USD', minimumBalanceMinor: null }),
    account('more dollars', { currency: 'USD', minimumBalanceMinor: null }),
    account('rich', { minimumBalanceMinor: null, postedMinor: SUM_MAX_MINOR - 5_000n }),
    account('poor', { minimumBalanceMinor: null, postedMinor: -SUM_MAX_MINOR + 5_000n }),
    ...crowd.map((accountId) => account(accountId, { minimumBalanceMinor: null })),
  ];
  return {
    accounts: new Map(accounts.map((one) => [one.accountId, one])),
    holds: new Map(),
    entries: new Map(),
    paid: new Map(),
  };
}

const accountId = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('ann', 'ben', 'overdraft', 'outside') },
  { weight: 1, arbitrary: fc.constantFrom('frozen', 'closed', 'dollars', 'rich', 'poor', 'nobody') },
);
const amountMinor = fc.oneof(fc.bigInt(1n, 400n), fc.bigInt(1n, 12_000n));
// Few ids, so that commands collide: the same hold posted twice, a repeated transfer.
const holdId = fc.constantFrom('h0', 'h1', 'h2', 'h3', 'h4', 'h5');
const transferId = fc.integer({ min: 0, max: 40 }).map((at) => `t${at}`);
const paymentId = fc.constantFrom('p0', 'p1', 'p2');
const currency = fc.oneof(
  { weight: 9, arbitrary: fc.constant('EUR' as const) },
  { weight: 1, arbitrary: fc.constant('USD' as const) },
);
const movement = { debitAccountId: accountId, creditAccountId: accountId, amountMinor, currency };

/** Legs that sum to zero in each currency, in one currency or two. */
const balancedLegs: fc.Arbitrary<Leg[]> = fc
  .tuple(
    fc.shuffledSubarray(
      ['ann', 'ben', 'outside', 'overdraft', 'frozen', 'rich', 'poor', 'nobody', ...crowd],
      {
        minLength: 2,
        maxLength: 14,
      },
    ),
    fc.array(fc.bigInt(1n, 900n), { minLength: 13, maxLength: 13 }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([accountIds, amounts, gathers, exchanges]) => {
    const others = accountIds.slice(1).map((accountId, at): Leg => ({
      accountId,
      amountMinor: gathers ? -amounts[at]! : amounts[at]!,
      currency: 'EUR',
    }));
    const sum = others.reduce((total, leg) => total + leg.amountMinor, 0n);
    const dollars: Leg[] = [
      { accountId: 'dollars', amountMinor: -amounts[0]!, currency: 'USD' },
      { accountId: 'more dollars', amountMinor: amounts[0]!, currency: 'USD' },
    ];
    return [
      { accountId: accountIds[0]!, amountMinor: -sum, currency: 'EUR' },
      ...others,
      ...(exchanges ? dollars : []),
    ];
  });

/** Legs that violate one of the rules for legs. */
const brokenLegs: fc.Arbitrary<Leg[]> = fc
  .tuple(
    balancedLegs,
    fc.constantFrom('one leg', 'zero', 'twice', 'off by one', 'other currency', 'many', 'huge'),
  )
  .map(([legs, how]) => {
    const [first, ...rest] = legs as [Leg, ...Leg[]];
    switch (how) {
      case 'one leg':
        return [first];
      case 'zero':
        return [...legs, { accountId: 'closed', amountMinor: 0n, currency: 'EUR' }];
      case 'twice':
        return [...rest, { ...first, amountMinor: first.amountMinor - 1n }, { ...first, amountMinor: 1n }];
      case 'off by one':
        return [{ ...first, amountMinor: first.amountMinor + 1n }, ...rest];
      case 'other currency':
        return [{ ...first, currency: 'USD' }, ...rest];
      case 'many':
        return Array.from({ length: 17 }, (_, at): Leg => ({
          accountId: `c${at}`,
          amountMinor: at === 16 ? -16n : 1n,
          currency: 'EUR',
        }));
      case 'huge':
        return [
          { accountId: 'outside', amountMinor: -SUM_MAX_MINOR - 1n, currency: 'EUR' },
          { accountId: 'c0', amountMinor: SUM_MAX_MINOR + 1n, currency: 'EUR' },
        ];
    }
  });

/** Legs of an entry; a book can carry out most of them. */
export const anyLegs: fc.Arbitrary<Leg[]> = fc.oneof(
  { weight: 5, arbitrary: balancedLegs },
  { weight: 1, arbitrary: brokenLegs },
);

/** Any command; a book can carry out most of them. */
export const anyCommand: fc.Arbitrary<LedgerCommand> = fc.oneof(
  fc.record({
    kind: fc.constant('hold' as const),
    holdId,
    ...movement,
    paymentId,
    authorizationId: fc.constant(undefined),
    expiresAtMs: fc.constantFrom(nowMs - 1, nowMs + dayMs),
  }),
  fc.record({
    kind: fc.constant('post' as const),
    holdId,
    debitAccountId: accountId,
    paymentId,
    transferId,
    amountMinor,
    final: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('void' as const), holdId, debitAccountId: accountId, paymentId }),
  fc.record({ kind: fc.constant('expire' as const), holdId, debitAccountId: accountId }),
  fc.record({
    kind: fc.constant('transfer' as const),
    transferId,
    ...movement,
    paymentId: fc.option(paymentId, { nil: undefined }),
    refund: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('entry' as const),
    entryId: transferId,
    legs: anyLegs,
    paymentId: fc.option(paymentId, { nil: undefined }),
  }),
);

/**
 * Replaces the debit account by that of the named hold in three of four cases. Holds are thus also posted, voided and
 * expired.
 */
export function aimed(command: LedgerCommand, book: Book, at: number): LedgerCommand {
  if (command.kind !== 'post' && command.kind !== 'void' && command.kind !== 'expire') return command;
  if (at % 4 === 0) return command;
  const hold = book.holds.get(command.holdId);
  return hold === undefined ? command : { ...command, debitAccountId: hold.debitAccountId };
}

/** Returns the names of the broken invariants of a book. */
export function brokenRules(book: Book): string[] {
  const broken: string[] = [];
  const total = new Map<string, bigint>();
  for (const one of book.accounts.values()) {
    total.set(one.currency, (total.get(one.currency) ?? 0n) + one.postedMinor);
    if (one.minimumBalanceMinor !== null && available(one) < one.minimumBalanceMinor)
      broken.push(`floor of ${one.accountId}`);
    const open = [...book.holds.values()].filter(
      (hold) => hold.status === 'open' && hold.debitAccountId === one.accountId,
    );
    const left = open.reduce((sum, hold) => sum + hold.amountMinor - hold.postedMinor, 0n);
    if (left !== one.pendingMinor) broken.push(`pending of ${one.accountId}`);
    if (one.postedMinor > SUM_MAX_MINOR || available(one) < -SUM_MAX_MINOR || left > SUM_MAX_MINOR)
      broken.push(`limit of ${one.accountId}`);
    const numbers = [...book.entries.values()]
      .flatMap(({ legs }) => legs)
      .filter((leg) => leg.accountId === one.accountId)
      .map(({ sequence }) => sequence);
    if (numbers.toSorted((a, b) => a! - b!).some((sequence, at) => sequence !== at + 1))
      broken.push(`sequence of ${one.accountId}`);
  }
  for (const [name, sum] of total) if (sum !== 0n) broken.push(`sum of ${name}`);
  for (const hold of book.holds.values())
    if (hold.postedMinor < 0n || hold.postedMinor > hold.amountMinor) broken.push(`hold ${hold.holdId}`);
  for (const { entryId, legs } of book.entries.values())
    if (faultOfLegs(legs) !== undefined) broken.push(`entry ${entryId}`);
  for (const [key, { paidMinor, refundedMinor }] of book.paid)
    if (refundedMinor > paidMinor) broken.push(`refunds of ${key}`);
  return broken;
}
