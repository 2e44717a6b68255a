import { expect, test } from '@jest/globals';
import { noChanges, type Account, type Book, type Hold } from '../src/domain/book.ts';
import type { JournalEntry } from '../src/domain/entry.ts';
import { replayFact, type LedgerFact } from '../src/domain/replay.ts';

const hold: Hold = {
  holdId: 'hld_1',
  debitAccountId: 'acc_payer',
  creditAccountId: 'acc_payee',
  amountMinor: 100n,
  currency: 'EUR',
  paymentId: 'pay_1',
  authorizationId: undefined,
  capturer: undefined,
  postedMinor: 0n,
  status: 'open',
  expiresAtMs: 9,
  placedAtMs: 1,
  endedAtMs: undefined,
};
const part: JournalEntry = {
  entryId: 'trf_1',
  legs: [
    { accountId: 'acc_payer', amountMinor: -40n, currency: 'EUR', sequence: undefined },
    { accountId: 'acc_payee', amountMinor: 40n, currency: 'EUR', sequence: undefined },
  ],
  paymentId: 'pay_1',
  holdId: 'hld_1',
  authorizationId: undefined,
  refund: false,
  postedAtMs: 2,
};
const placed: LedgerFact = { kind: 'placed', hold, decidedBy: {} };
const posted: LedgerFact = { kind: 'posted', entry: part, decidedBy: {} };
const ended: LedgerFact = {
  kind: 'ended',
  holdId: 'hld_1',
  debitAccountId: 'acc_payer',
  how: 'voided',
  endedAtMs: 3,
};

function account(accountId: string): Account {
  return {
    accountId,
    ownerId: 'usr_1',
    currency: 'EUR',
    status: 'open',
    minimumBalanceMinor: 0n,
    postedMinor: 500n,
    pendingMinor: 0n,
    sequence: 0,
    postedAtMs: 0,
  };
}

test.each([
  ['before its end', [placed, posted, ended]],
  // An event of the previous release has no time, so its part may sort after an end of this release.
  ['after its end', [placed, ended, posted]],
])('a part replayed %s leaves no pending amount', (_order, facts) => {
  const book: Book = {
    accounts: new Map(['acc_payer', 'acc_payee'].map((id) => [id, account(id)])),
    holds: new Map(),
    entries: new Map(),
    paid: new Map(),
  };
  const posting = noChanges();
  expect(facts.map((fact) => replayFact(book, posting, fact))).toEqual(['replayed', 'replayed', 'replayed']);
  expect(book.accounts.get('acc_payer')).toMatchObject({ postedMinor: 460n, pendingMinor: 0n });
  expect(book.holds.get('hld_1')).toMatchObject({ postedMinor: 40n, status: 'voided' });
});
