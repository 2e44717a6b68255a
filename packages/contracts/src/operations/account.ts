import * as z from 'zod';
import { id } from '../identifiers.ts';
import { grantee, limits } from '../messages/shapes.ts';
import { amountMinor, balanceMinor, currency } from '../money.ts';
import { defineOperation } from '../operation.ts';

export const accountKinds = ['customer', 'settlement', 'fees', 'suspense', 'outside_world'] as const;

export const accountResource = z.object({
  accountId: id('acc'),
  ownerId: z.string(),
  kind: z.enum(accountKinds),
  currency,
  status: z.enum(['open', 'frozen', 'closed']),
  postedMinor: balanceMinor.meta({ description: 'Balance of posted entries' }),
  pendingMinor: balanceMinor.meta({ description: 'Amount set aside by holds' }),
  availableMinor: balanceMinor.meta({ description: 'Posted less pending' }),
  openedAt: z.iso.datetime(),
});

const transferResource = z.object({
  transferId: id('trf'),
  debitAccountId: id('acc'),
  creditAccountId: id('acc'),
  amountMinor,
  currency,
  paymentId: id('pay').optional(),
  postedAt: z.iso.datetime(),
});

export const mandateResource = z.object({
  mandateId: id('mdt'),
  accountId: id('acc'),
  grantee,
  currency,
  limits,
  status: z.enum(['active', 'withdrawn']),
  grantedAt: z.iso.datetime(),
});

export const accountOpen = defineOperation({
  id: 'account.open',
  service: 'account',
  method: 'POST',
  path: '/v1/accounts',
  summary: 'Open an account of your own',
  scope: 'accounts:write',
  authority: 'token',
  body: z.strictObject({ currency }),
  response: accountResource,
});

export const accountList = defineOperation({
  id: 'account.list',
  service: 'account',
  method: 'GET',
  path: '/v1/accounts',
  summary: 'List your accounts with their balances',
  scope: 'accounts:read',
  authority: 'token',
  response: z.object({ accounts: z.array(accountResource) }),
});

export const accountGet = defineOperation({
  id: 'account.get',
  service: 'account',
  method: 'GET',
  path: '/v1/accounts/{accountId}',
  summary: 'Show one of your accounts',
  scope: 'accounts:read',
  authority: 'token',
  params: z.strictObject({ accountId: id('acc') }),
  response: accountResource,
});

export const entryList = defineOperation({
  id: 'account.entries',
  service: 'account',
  method: 'GET',
  path: '/v1/accounts/{accountId}/entries',
  summary: 'List the latest entries of one of your accounts, newest first',
  scope: 'accounts:read',
  authority: 'token',
  params: z.strictObject({ accountId: id('acc') }),
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  response: z.object({
    entries: z.array(
      z.object({
        transferId: id('trf'),
        counterpartyAccountId: id('acc'),
        amountMinor: balanceMinor,
        balanceMinor,
        paymentId: id('pay').optional(),
        postedAt: z.iso.datetime(),
      }),
    ),
  }),
});

export const transferPost = defineOperation({
  id: 'account.transfer',
  service: 'account',
  method: 'POST',
  path: '/v1/transfers',
  summary: 'Move money from one of your accounts to any account, at once',
  scope: 'transfers:write',
  authority: 'dpop',
  body: z.strictObject({ debitAccountId: id('acc'), creditAccountId: id('acc'), amountMinor, currency }),
  response: transferResource,
});

export const mandateCreate = defineOperation({
  id: 'account.mandate.create',
  service: 'account',
  method: 'POST',
  path: '/v1/mandates',
  summary: 'Let a message producer debit one of your accounts, within limits, until withdrawn',
  scope: 'mandates:write',
  authority: 'dpop',
  body: z.strictObject({ accountId: id('acc'), grantee, currency, limits }),
  response: mandateResource,
});

export const mandateList = defineOperation({
  id: 'account.mandate.list',
  service: 'account',
  method: 'GET',
  path: '/v1/mandates',
  summary: 'List who may debit your accounts',
  scope: 'mandates:read',
  authority: 'token',
  response: z.object({ mandates: z.array(mandateResource) }),
});

export const mandateWithdraw = defineOperation({
  id: 'account.mandate.withdraw',
  service: 'account',
  method: 'DELETE',
  path: '/v1/mandates/{mandateId}',
  summary: 'Withdraw a mandate',
  scope: 'mandates:write',
  authority: 'token',
  params: z.strictObject({ mandateId: id('mdt') }),
  response: mandateResource,
});

export const trialBalance = defineOperation({
  id: 'account.trial_balance',
  service: 'account',
  method: 'GET',
  path: '/v1/trial-balance',
  summary: 'Sum all balances by currency; each must be zero',
  scope: 'ledger:read',
  authority: 'token',
  response: z.object({
    currencies: z.array(
      z.object({
        currency,
        balancesMinor: balanceMinor.meta({ description: 'Sum of the balances of all accounts' }),
        entriesMinor: balanceMinor.meta({ description: 'Sum of all entries' }),
        pendingMinor: balanceMinor.meta({ description: 'Sum of what accounts keep aside' }),
        holdsMinor: balanceMinor.meta({ description: 'Sum of what open holds have left' }),
        accounts: z.int(),
        transfers: z.int(),
      }),
    ),
    balanced: z.boolean(),
  }),
});
