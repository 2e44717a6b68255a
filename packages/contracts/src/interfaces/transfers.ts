import * as z from 'zod';
import { command, event } from '../definitions/message.ts';
import { operation } from '../definitions/operation.ts';
import { evidence } from '../shapes/evidence.ts';
import { id } from '../shapes/identifiers.ts';
import { authorityFacts, batchTime, journalLegs } from '../shapes/journal.ts';
import { amountMinor, currency } from '../shapes/money.ts';
import { betweenAccounts } from '../shapes/between-accounts.ts';
import { rejection } from '../shapes/rejection.ts';

const since = '2026-11-01';

export const transferPost = operation('account.transfer', {
  service: 'account',
  method: 'POST',
  successStatuses: [201],
  path: '/transfers',
  summary: 'Move money from one of your accounts to any account immediately',
  scope: 'transfers:write',
  proof: 'dpop',
  errors: [
    'ledger.account_not_found',
    'ledger.account_not_open',
    'ledger.same_account',
    'ledger.currency_mismatch',
    'ledger.insufficient_funds',
  ],
  current: {
    since,
    body: z.strictObject({ debitAccountId: id('acc'), creditAccountId: id('acc'), amountMinor, currency }),
    response: z.object({
      transferId: id('trf'),
      debitAccountId: id('acc'),
      creditAccountId: id('acc'),
      amountMinor,
      currency,
      paymentId: id('pay').optional(),
      postedAt: z.iso.datetime(),
    }),
  },
});

export const transferCreate = command('account.transfer.create', {
  from: ['payment'],
  to: 'account',
  summary: 'Move an amount immediately, also as a refund of a payment',
  key: 'debitAccountId',
  outcomes: ['account.transfer.posted', 'account.transfer.rejected'],
  replay: 'state',
  current: { since, data: { transferId: id('trf'), ...betweenAccounts, refund: z.boolean(), evidence } },
});

export const transferPosted = event('account.transfer.posted', {
  to: ['payment'],
  summary: 'A transfer was posted',
  key: 'debitAccountId',
  replay: 'state',
  current: {
    since,
    data: {
      transferId: id('trf'),
      ...betweenAccounts,
      paymentId: id('pay').optional(),
      holdId: id('hld').optional(),
      authorizationId: id('aut').optional(),
      refund: z.boolean(),
      legs: journalLegs.optional(),
      postedAt: batchTime,
      ...authorityFacts,
    },
  },
});

export const entryPosted = event('account.entry.posted', {
  to: [],
  summary: 'A journal entry with more than two legs was posted, for example a transfer with a fee',
  key: 'debitAccountId',
  replay: 'state',
  current: {
    since: '2026-11-28',
    data: {
      entryId: id('trf'),
      debitAccountId: id('acc').meta({ description: 'The first account that the entry debits' }),
      legs: journalLegs,
      paymentId: id('pay').optional(),
      holdId: id('hld').optional(),
      authorizationId: id('aut').optional(),
      refund: z.boolean(),
      postedAt: z.iso.datetime(),
    },
  },
});

export const transferRejected = event('account.transfer.rejected', {
  to: ['payment'],
  summary: 'A transfer was not posted',
  key: 'debitAccountId',
  replay: 'state',
  current: {
    since,
    data: {
      transferId: id('trf'),
      debitAccountId: id('acc'),
      amountMinor,
      paymentId: id('pay').optional(),
      holdId: id('hld').optional(),
      ...rejection,
    },
  },
});
