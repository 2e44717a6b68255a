import * as z from 'zod';
import { operation } from '../definitions/operation.ts';
import { nextCursor } from '../shapes/cursor.ts';
import { id } from '../shapes/identifiers.ts';
import { listQuery, statusFilter } from '../shapes/list.ts';
import { amountMinor, amountMinorOrZero, currency, sumMinor } from '../shapes/money.ts';
import { accountResource, entryList } from './accounts.ts';
import { mandateResource } from './mandates.ts';

const since = '2026-11-29';
/** Operators who read see every account; the operations of owners are others. */
const read = {
  service: 'account',
  method: 'GET',
  scope: 'ledger:read',
  proof: 'none',
} as const;
const ofAccount = {
  ...read,
  params: z.strictObject({ accountId: id('acc') }),
  errors: ['resource.not_found'],
} as const;

const ofParty = {
  ...read,
  params: z.strictObject({
    partyId: z
      .string()
      // Dots alone are a dot segment in a path (RFC 3986 §5.2.4).
      .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/, 'must be the id of a customer, client, producer or card')
      .meta({ examples: ['acme'] }),
  }),
} as const;

export const ledgerAccount = operation('account.ledger.account', {
  ...ofAccount,
  path: '/ledger/accounts/{accountId}',
  summary: 'Show any account with its balances',
  current: { since, response: accountResource },
});

export const ledgerAccounts = operation('account.ledger.accounts', {
  ...ofParty,
  path: '/ledger/parties/{partyId}/accounts',
  summary: 'List the accounts of an owner with their balances, newest first',
  query: z.strictObject(listQuery({ default: 100, max: 1_000 })),
  current: { since, response: z.object({ accounts: z.array(accountResource), nextCursor }) },
});

export const ledgerEntries = operation('account.ledger.entries', {
  ...ofAccount,
  path: '/ledger/accounts/{accountId}/entries',
  summary: 'List the entries of any account, newest first',
  query: entryList.query,
  current: { since, response: entryList.response },
});

export const holdStatuses = ['open', 'posted', 'voided', 'expired'] as const;

export const holdResource = z.object({
  holdId: id('hld'),
  debitAccountId: id('acc'),
  creditAccountId: id('acc'),
  amountMinor,
  postedMinor: amountMinorOrZero.meta({ description: 'The part that was posted' }),
  currency,
  paymentId: id('pay'),
  status: z.enum(holdStatuses),
  placedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

export const ledgerHolds = operation('account.ledger.holds', {
  ...ofAccount,
  path: '/ledger/accounts/{accountId}/holds',
  summary: 'List the open holds on any account, newest first',
  query: z.strictObject(listQuery({ default: 50, max: 200 })),
  current: { since, response: z.object({ holds: z.array(holdResource), nextCursor }) },
});

export const ledgerPayment = operation('account.ledger.payment', {
  ...read,
  path: '/ledger/payments/{paymentId}',
  summary: 'Show what a payment did in the ledger: its hold, its transfers, and the balances after each',
  params: z.strictObject({ paymentId: id('pay') }),
  errors: ['resource.not_found'],
  current: {
    since,
    response: z.object({
      paymentId: id('pay'),
      hold: holdResource.optional().meta({ description: 'Absent if the payment placed none' }),
      transfers: z.array(
        z.object({
          transferId: id('trf'),
          debitAccountId: id('acc'),
          creditAccountId: id('acc'),
          amountMinor,
          currency,
          refund: z.boolean(),
          holdId: id('hld').optional().meta({ description: 'The hold that the transfer captured' }),
          postedAt: z.iso.datetime(),
          debitBalanceMinor: sumMinor.optional().meta({
            description:
              'Posted balance of the debited account afterwards; absent where an earlier release posted it',
          }),
          creditBalanceMinor: sumMinor.optional().meta({
            description:
              'Posted balance of the credited account afterwards; absent where an earlier release posted it',
          }),
        }),
      ),
    }),
  },
});

export const ledgerMandates = operation('account.ledger.mandates', {
  ...ofParty,
  path: '/ledger/parties/{partyId}/mandates',
  summary: 'List the mandates that a party granted or holds, newest first',
  query: z.strictObject({
    ...listQuery({ default: 100, max: 1_000 }),
    status: statusFilter(['active', 'withdrawn']),
  }),
  current: {
    since,
    response: z.object({
      mandates: z.array(mandateResource.extend({ ownerId: z.string() })),
      nextCursor,
    }),
  },
});
