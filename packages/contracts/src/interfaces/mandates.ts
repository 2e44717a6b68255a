import * as z from 'zod';
import { command, event } from '../definitions/message.ts';
import { operation } from '../definitions/operation.ts';
import { requestEvidence } from '../shapes/evidence.ts';
import { nextCursor } from '../shapes/cursor.ts';
import { id } from '../shapes/identifiers.ts';
import { accountFilter, listQuery, statusFilter } from '../shapes/list.ts';
import { currency } from '../shapes/money.ts';
import { grantee, limits } from '../shapes/parties.ts';
import { rejection } from '../shapes/rejection.ts';
import { time } from '../shapes/time.ts';

const since = '2026-11-01';
const mandateFacts = { mandateId: id('mdt'), accountId: id('acc'), grantee };
const bounds = {
  payeeAccountIds: z.array(id('acc')).min(1).max(50).optional().meta({
    description: 'The only accounts that may be paid; absent: any account',
  }),
  endsAt: time.optional().meta({ description: 'When the mandate ends; absent: it lasts until withdrawn' }),
};
const mandateStatuses = ['active', 'withdrawn'] as const;
const mandateEvent = { to: ['card'], key: 'accountId', replay: 'state' } as const;

export const mandateResource = z.object({
  ...mandateFacts,
  currency,
  limits,
  ...bounds,
  status: z.enum(mandateStatuses),
  grantedAt: z.iso.datetime(),
});

export const mandateCreate = operation('account.mandate.create', {
  audited: true,
  service: 'account',
  method: 'POST',
  successStatuses: [201],
  path: '/mandates',
  summary: 'Permit a message producer to debit one of your accounts, within limits, until withdrawn',
  scope: 'mandates:write',
  proof: 'dpop',
  errors: ['ledger.account_not_found', 'ledger.currency_mismatch'],
  current: {
    since,
    body: z.strictObject({ accountId: id('acc'), grantee, currency, limits, ...bounds }),
    response: mandateResource,
  },
});

export const mandateList = operation('account.mandate.list', {
  service: 'account',
  method: 'GET',
  path: '/mandates',
  summary: 'List the mandates on your accounts, newest first',
  scope: 'mandates:read',
  proof: 'none',
  query: z.strictObject({
    ...listQuery({ default: 1_000, max: 1_000 }),
    status: statusFilter(mandateStatuses),
    accountId: accountFilter,
  }),
  current: { since, response: z.object({ mandates: z.array(mandateResource), nextCursor }) },
});

export const mandateWithdraw = operation('account.mandate.withdraw', {
  audited: true,
  service: 'account',
  method: 'DELETE',
  path: '/mandates/{mandateId}',
  summary: 'Withdraw a mandate',
  scope: 'mandates:write',
  proof: 'none',
  params: z.strictObject({ mandateId: id('mdt') }),
  errors: ['resource.not_found'],
  current: { since, response: mandateResource },
});

export const partyMandatesWithdraw = operation('account.mandate.withdraw_of_party', {
  service: 'account',
  method: 'POST',
  successStatuses: [200],
  path: '/parties/{partyId}/mandates/withdrawal',
  summary:
    'Withdraw the mandates that a producer or card holds, or that a customer gave, up to 1,000 at once',
  scope: 'mandates:withdraw',
  proof: 'dpop',
  params: z.strictObject({
    partyId: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be the id of a producer, card or customer')
      .meta({ examples: ['acme'] }),
  }),
  current: {
    since: '2026-11-29',
    response: z.object({
      partyId: z.string(),
      withdrawn: z.int().meta({ description: 'Number of mandates that were withdrawn now' }),
      isComplete: z.boolean().meta({ description: 'Whether none is left; if not, ask again' }),
    }),
  },
});

export const mandateGrant = command('account.mandate.grant', {
  from: ['card'],
  to: 'account',
  summary: 'Permit a card to debit an account within limits, as the account owner signed',
  key: 'accountId',
  outcomes: ['account.mandate.granted', 'account.mandate.rejected'],
  replay: 'none',
  current: {
    since,
    data: { ...mandateFacts, currency, limits, evidence: requestEvidence },
    examples: [
      {
        mandateId: 'mdt_01890a5d-ac96-774b-bcce-b302099a8057',
        accountId: 'acc_01890a5d-ac96-774b-bcce-b302099a8057',
        grantee: { kind: 'card', id: 'crd_01890a5d-ac96-774b-bcce-b302099a8057' },
        currency: 'EUR',
        limits: { perPaymentMinor: 10_000, perDayMinor: 20_000, perMonthMinor: 50_000 },
        evidence: {
          kind: 'request',
          operation: 'card.issue',
          accessToken: 'text',
          proof: 'text',
          body: 'text',
        },
      },
    ],
  },
});

export const mandateGranted = event('account.mandate.granted', {
  ...mandateEvent,
  to: ['card', 'payment'],
  summary: 'A producer or card may debit an account',
  current: { since, data: { ...mandateFacts, currency, limits, ...bounds } },
});

export const mandateRejected = event('account.mandate.rejected', {
  ...mandateEvent,
  summary: 'A mandate was not granted',
  current: { since, data: { ...mandateFacts, ...rejection } },
});

export const mandateWithdrawn = event('account.mandate.withdrawn', {
  ...mandateEvent,
  to: ['payment'],
  summary: 'A producer or card may no longer debit an account',
  current: { since, data: mandateFacts },
});
