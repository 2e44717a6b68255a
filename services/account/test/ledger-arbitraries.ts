import fc from 'fast-check';

import { available, type Account, type Book, type LedgerCommand } from '../src/domain/book.ts';

export const nowMs = Date.UTC(2026, 10, 24, 12);
const dayMs = 86_400_000;

export const account = (accountId: string, changes: Partial<Account> = {}): Account => ({
  accountId,
  ownerId: `owner of ${accountId}`,
  currency: 'EUR',
  status: 'open',
  floorMinor: 0n,
  postedMinor: 0n,
  pendingMinor: 0n,
  ...changes,
});

/** A book in which the outside world has paid money in, and accounts of every sort that commands may meet. */
export function newBook(): Book {
  const accounts = [
    account('outside', { floorMinor: null, postedMinor: -15_000n }),
    account('ann', { postedMinor: 10_000n }),
    account('ben', { postedMinor: 5_000n }),
    account('overdraft', { floorMinor: -500n }),
    account('frozen', { status: 'frozen' }),
    account('closed', { status: 'closed' }),
    account('dollars', { currency: 'USD', floorMinor: null }),
  ];
  return {
    accounts: new Map(accounts.map((one) => [one.accountId, one])),
    holds: new Map(),
    transfers: new Map(),
    paid: new Map(),
  };
}

const accountId = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('ann', 'ben', 'overdraft', 'outside') },
  { weight: 1, arbitrary: fc.constantFrom('frozen', 'closed', 'dollars', 'nobody') },
);
const amountMinor = fc.oneof(fc.bigInt(1n, 400n), fc.bigInt(1n, 12_000n));
// Few ids, so that commands meet: the same hold posted twice, the same transfer again.
const holdId = fc.constantFrom('h0', 'h1', 'h2', 'h3', 'h4', 'h5');
const transferId = fc.integer({ min: 0, max: 40 }).map((at) => `t${at}`);
const paymentId = fc.constantFrom('p0', 'p1', 'p2');
const currency = fc.oneof(
  { weight: 9, arbitrary: fc.constant('EUR' as const) },
  { weight: 1, arbitrary: fc.constant('USD' as const) },
);
const movement = { debitAccountId: accountId, creditAccountId: accountId, amountMinor, currency };

/** Any command at all, most of which a book can carry out. */
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
);

/**
 * Points a command at the account of the hold that it names, three times out of four, so that holds are not only
 * placed but posted, voided and expired.
 */
export function aimed(command: LedgerCommand, book: Book, at: number): LedgerCommand {
  if (command.kind === 'hold' || command.kind === 'transfer' || at % 4 === 0) return command;
  const hold = book.holds.get(command.holdId);
  return hold === undefined ? command : { ...command, debitAccountId: hold.debitAccountId };
}

/** What must hold of every book at any time; the broken rules by name. */
export function brokenRules(book: Book): string[] {
  const broken: string[] = [];
  const total = new Map<string, bigint>();
  for (const one of book.accounts.values()) {
    total.set(one.currency, (total.get(one.currency) ?? 0n) + one.postedMinor);
    if (one.floorMinor !== null && available(one) < one.floorMinor) broken.push(`floor of ${one.accountId}`);
    const open = [...book.holds.values()].filter(
      (hold) => hold.status === 'open' && hold.debitAccountId === one.accountId,
    );
    const left = open.reduce((sum, hold) => sum + hold.amountMinor - hold.postedMinor, 0n);
    if (left !== one.pendingMinor) broken.push(`pending of ${one.accountId}`);
  }
  for (const [name, sum] of total) if (sum !== 0n) broken.push(`sum of ${name}`);
  for (const hold of book.holds.values())
    if (hold.postedMinor < 0n || hold.postedMinor > hold.amountMinor) broken.push(`hold ${hold.holdId}`);
  for (const [key, { paidMinor, refundedMinor }] of book.paid)
    if (refundedMinor > paidMinor) broken.push(`refunds of ${key}`);
  return broken;
}
