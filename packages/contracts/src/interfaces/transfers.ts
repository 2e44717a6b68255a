import * as z from 'zod';
import { command, event } from '../definitions/message.ts';
import { operation } from '../definitions/operation.ts';
import { evidence } from '../shapes/evidence.ts';
import { id } from '../shapes/identifiers.ts';
import { authorityFacts, batchTime, journalLegs, lineNumbers } from '../shapes/journal.ts';
import { amountMinor, currency } from '../shapes/money.ts';
import { betweenAccounts } from '../shapes/between-accounts.ts';
import { ORDER_LIFETIME_S } from '../shapes/order-lifetime.ts';
import { rejection } from '../shapes/rejection.ts';

const since = '2026-11-01';

const asked = { debitAccountId: id('acc'), creditAccountId: id('acc'), amountMinor, currency };
const posted = z.object({
  transferId: id('trf'),
  ...asked,
  paymentId: id('pay').optional(),
  postedAt: z.iso.datetime(),
});
const ledgerRefusals = [
  'ledger.account_not_found',
  'ledger.account_not_open',
  'ledger.same_account',
  'ledger.currency_mismatch',
  'ledger.insufficient_funds',
  'ledger.balance_limit_exceeded',
  'ledger.second_operator_needed',
] as const;

export const transferPost = operation('account.transfer', {
  service: 'account',
  method: 'POST',
  successStatuses: [201],
  path: '/transfers',
  summary: 'Move money from one of your accounts to any account immediately',
  scope: 'transfers:write',
  proof: 'dpop',
  errors: [...ledgerRefusals],
  current: { since, body: z.strictObject(asked), response: posted },
});

const byOperator = {
  service: 'account',
  method: 'POST',
  successStatuses: [201],
  proof: 'dpop',
} as const;

export const transferPropose = operation('account.transfer.propose', {
  ...byOperator,
  path: '/transfer-proposals',
  summary: 'Propose a transfer that brings money in, for a second operator to approve within 24 hours',
  scope: 'transfers:propose',
  current: {
    since: '2026-11-29',
    body: z.strictObject(asked),
    response: z.object({
      proposalId: id('prp'),
      ...asked,
      proposedBy: z.string(),
      proposedAt: z.iso.datetime(),
      expiresAt: z.iso.datetime(),
    }),
  },
});

export const transferApprove = operation('account.transfer.approve', {
  ...byOperator,
  path: '/transfer-proposals/{proposalId}/approval',
  summary: 'Approve a transfer that another operator proposed: it is carried out',
  scope: 'transfers:approve',
  params: z.strictObject({ proposalId: id('prp') }),
  errors: ['resource.not_found', ...ledgerRefusals],
  current: { since: '2026-11-29', response: posted },
});

export const transferCreate = command('account.transfer.create', {
  from: ['payment'],
  to: 'account',
  summary: 'Move an amount immediately, also as a refund of a payment',
  key: 'debitAccountId',
  lifetimeS: ORDER_LIFETIME_S,
  outcomes: ['account.transfer.posted', 'account.transfer.rejected'],
  replay: 'state',
  current: { since, data: { transferId: id('trf'), ...betweenAccounts, refund: z.boolean(), evidence } },
});

export const transferRequestStatus = command('account.transfer.request_status', {
  from: ['payment'],
  to: 'account',
  summary: 'Tell the outcome of a transfer again; a transfer that was not posted in time is refused',
  key: 'debitAccountId',
  outcomes: ['account.transfer.posted', 'account.transfer.rejected', 'account.hold.ended'],
  replay: 'none',
  current: {
    since: '2026-11-29',
    data: {
      transferId: id('trf'),
      ...betweenAccounts,
      refund: z.boolean(),
      holdId: id('hld').optional().meta({ description: 'The hold that the transfer captures, if it does' }),
    },
  },
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
      legs: journalLegs.optional().meta({ description: 'Only in older events' }),
      ...lineNumbers,
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
