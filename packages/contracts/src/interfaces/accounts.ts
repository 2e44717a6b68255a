import * as z from 'zod';
import { event } from '../definitions/message.ts';
import { operation } from '../definitions/operation.ts';
import { nextCursor } from '../shapes/cursor.ts';
import { id } from '../shapes/identifiers.ts';
import { listQuery } from '../shapes/list.ts';
import { balanceMinor, currency, sumMinor } from '../shapes/money.ts';
import { time } from '../shapes/time.ts';

export const accountKinds = ['customer', 'settlement', 'fees', 'suspense', 'external'] as const;

export const accountResource = z.object({
  accountId: id('acc'),
  ownerId: z.string(),
  kind: z.enum(accountKinds),
  currency,
  status: z.enum(['open', 'frozen', 'closed']),
  postedMinor: sumMinor.meta({ description: 'Balance of posted entries' }),
  pendingMinor: sumMinor.meta({ description: 'Amount reserved by holds' }),
  availableMinor: sumMinor.meta({ description: 'Posted minus pending' }),
  openedAt: z.iso.datetime(),
});

const read = { service: 'account', method: 'GET', scope: 'accounts:read', proof: 'none' } as const;
const since = '2026-11-01';

export const accountOpen = operation('account.open', {
  service: 'account',
  method: 'POST',
  successStatuses: [201],
  path: '/accounts',
  summary: 'Open an account',
  scope: 'accounts:write',
  proof: 'none',
  current: { since, body: z.strictObject({ currency }), response: accountResource },
});

export const accountOpened = event('account.opened', {
  to: ['payment'],
  summary: 'An account was opened',
  key: 'accountId',
  replay: 'state',
  current: {
    since,
    data: { accountId: id('acc'), ownerId: z.string(), kind: z.enum(accountKinds), currency },
  },
});

export const accountList = operation('account.list', {
  ...read,
  path: '/accounts',
  summary: 'List your accounts with their balances, newest first',
  query: z.strictObject(listQuery({ default: 1_000, max: 1_000 })),
  current: { since, response: z.object({ accounts: z.array(accountResource), nextCursor }) },
});

export const accountGet = operation('account.get', {
  ...read,
  path: '/accounts/{accountId}',
  summary: 'Show one of your accounts',
  params: z.strictObject({ accountId: id('acc') }),
  errors: ['resource.not_found'],
  current: { since, response: accountResource },
});

const byOperator = {
  service: 'account',
  method: 'POST',
  successStatuses: [200],
  scope: 'accounts:freeze',
  proof: 'dpop',
  params: z.strictObject({ accountId: id('acc') }),
  errors: ['resource.not_found'],
} as const;
const changed = {
  since: '2026-11-29',
  response: z.object({ accountId: id('acc'), status: z.enum(['open', 'frozen']) }),
};

export const accountFreeze = operation('account.freeze', {
  ...byOperator,
  path: '/accounts/{accountId}/freeze',
  summary: "Freeze a customer's account: from now on no money leaves it; it may still receive",
  current: changed,
});

export const accountUnfreeze = operation('account.unfreeze', {
  ...byOperator,
  path: '/accounts/{accountId}/unfreeze',
  summary: 'Unfreeze an account: money may leave it again',
  current: changed,
});

export const accountStatusChanged = event('account.status_changed', {
  to: [],
  summary: 'An account was frozen or unfrozen by an operator',
  key: 'accountId',
  replay: 'state',
  current: {
    since: '2026-11-29',
    data: { accountId: id('acc'), status: z.enum(['open', 'frozen']), changedAt: time },
  },
});

export const entryList = operation('account.entries', {
  ...read,
  path: '/accounts/{accountId}/entries',
  summary: 'List the entries of one of your accounts, newest first',
  params: z.strictObject({ accountId: id('acc') }),
  query: z.strictObject({
    ...listQuery({ default: 50, max: 200 }),
    paymentId: id('pay').optional().meta({ description: 'Shows only those of this payment' }),
  }),
  errors: ['resource.not_found'],
  current: {
    since,
    response: z.object({
      entries: z.array(
        z.object({
          transferId: id('trf'),
          counterpartyAccountId: id('acc'),
          amountMinor: balanceMinor,
          balanceMinor: sumMinor,
          paymentId: id('pay').optional(),
          postedAt: z.iso.datetime(),
        }),
      ),
      nextCursor,
    }),
  },
});

export const trialBalance = operation('account.trial_balance', {
  ...read,
  path: '/trial-balance',
  summary: 'Sum all balances by currency; each must be zero',
  scope: 'ledger:read',
  current: {
    since,
    response: z.object({
      currencies: z.array(
        z.object({
          currency,
          balancesMinor: sumMinor.meta({ description: 'Sum of the balances of all accounts' }),
          entriesMinor: sumMinor.meta({ description: 'Sum of all entries' }),
          pendingMinor: sumMinor.meta({ description: 'Sum of the pending amounts of all accounts' }),
          holdsMinor: sumMinor.meta({ description: 'Sum of the remainders of all open holds' }),
          accounts: z.int(),
          transfers: z.int(),
        }),
      ),
      balanced: z.boolean(),
    }),
  },
});
