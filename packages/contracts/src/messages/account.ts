import * as z from 'zod';
import { evidence, requestEvidence } from '../evidence.ts';
import { id } from '../identifiers.ts';
import { defineCommand, defineEvent } from '../message.ts';
import { amountMinor, amountMinorOrZero, balanceMinor, currency } from '../money.ts';
import { expiresAt, grantee, limits, rejection } from './shapes.ts';

/** What the ledger's commands and events about one movement have in common. */
const movement = {
  debitAccountId: id('acc'),
  creditAccountId: id('acc'),
  amountMinor,
  currency,
  paymentId: id('pay'),
};

export const holdPlace = defineCommand({
  type: 'account.hold.place',
  topic: 'account.commands.v1',
  summary: 'Set an amount aside on an account for one payee',
  key: (data) => data.debitAccountId,
  data: { holdId: id('hld'), ...movement, authorizationId: id('aut').optional(), expiresAt, evidence },
});

export const holdPost = defineCommand({
  type: 'account.hold.post',
  topic: 'account.commands.v1',
  summary: 'Move a held amount, or a part of it, to the payee of the hold',
  key: (data) => data.debitAccountId,
  data: {
    holdId: id('hld'),
    transferId: id('trf'),
    debitAccountId: id('acc'),
    paymentId: id('pay'),
    amountMinor,
    final: z.boolean().meta({ description: 'Whether what the hold has left is released' }),
  },
});

export const holdVoid = defineCommand({
  type: 'account.hold.void',
  topic: 'account.commands.v1',
  summary: 'Release what a hold has left',
  key: (data) => data.debitAccountId,
  data: { holdId: id('hld'), debitAccountId: id('acc'), paymentId: id('pay') },
});

export const transferCreate = defineCommand({
  type: 'account.transfer.create',
  topic: 'account.commands.v1',
  summary: 'Move an amount at once; as a refund, give back what a payment moved',
  key: (data) => data.debitAccountId,
  data: { transferId: id('trf'), ...movement, refund: z.boolean(), evidence },
});

export const mandateGrant = defineCommand({
  type: 'account.mandate.grant',
  topic: 'account.commands.v1',
  summary: 'Let a card debit an account within limits, as the owner of the account signed',
  key: (data) => data.accountId,
  data: { mandateId: id('mdt'), accountId: id('acc'), grantee, currency, limits, evidence: requestEvidence },
});

/** When the ledger's batch was posted: what it tells of one account is strictly ordered by it. Absent in older events. */
const batchTime = z.iso
  .datetime()
  .optional()
  .meta({ description: 'Time of the batch of the ledger, strictly increasing for each account' });

/** The lines of an entry in the journal; their amounts sum to zero in each currency. */
const journalLegs = z.array(
  z.object({
    accountId: id('acc'),
    amountMinor: balanceMinor.meta({ description: 'Positive: a credit; negative: a debit' }),
    currency,
    sequence: z.int().min(1).meta({ description: 'Number of the line among those of its account' }),
  }),
);

const holdFacts = { holdId: id('hld'), ...movement, authorizationId: id('aut').optional() };
const byDebitAccount = (data: { debitAccountId: string }) => data.debitAccountId;

export const accountOpened = defineEvent({
  type: 'account.opened',
  topic: 'account.events.v1',
  summary: 'An account was opened',
  key: (data) => data.accountId,
  data: { accountId: id('acc'), ownerId: z.string(), kind: z.string(), currency },
});

export const holdPlaced = defineEvent({
  type: 'account.hold.placed',
  topic: 'account.events.v1',
  summary: 'An amount was set aside',
  key: byDebitAccount,
  data: { ...holdFacts, expiresAt, placedAt: batchTime },
});

export const holdRejected = defineEvent({
  type: 'account.hold.rejected',
  topic: 'account.events.v1',
  summary: 'An amount was not set aside',
  key: byDebitAccount,
  data: { ...holdFacts, ...rejection },
});

export const holdEnded = defineEvent({
  type: 'account.hold.ended',
  topic: 'account.events.v1',
  summary: 'A hold was voided, expired, or its last part was posted; what it had left is released',
  key: byDebitAccount,
  data: {
    ...holdFacts,
    how: z.enum(['posted', 'voided', 'expired']),
    postedMinor: amountMinorOrZero,
    releasedMinor: amountMinorOrZero,
    endedAt: batchTime,
  },
});

export const holdVoidRejected = defineEvent({
  type: 'account.hold.void_rejected',
  topic: 'account.events.v1',
  summary: 'A hold could not be voided',
  key: byDebitAccount,
  data: { holdId: id('hld'), debitAccountId: id('acc'), paymentId: id('pay'), ...rejection },
});

export const transferPosted = defineEvent({
  type: 'account.transfer.posted',
  topic: 'account.events.v1',
  summary: 'Money moved',
  key: byDebitAccount,
  data: {
    transferId: id('trf'),
    ...movement,
    paymentId: id('pay').optional(),
    holdId: id('hld').optional(),
    authorizationId: id('aut').optional(),
    refund: z.boolean(),
    legs: journalLegs.optional(),
    postedAt: batchTime,
  },
});

export const transferRejected = defineEvent({
  type: 'account.transfer.rejected',
  topic: 'account.events.v1',
  summary: 'Money did not move',
  key: byDebitAccount,
  data: {
    transferId: id('trf'),
    debitAccountId: id('acc'),
    amountMinor,
    paymentId: id('pay').optional(),
    holdId: id('hld').optional(),
    ...rejection,
  },
});

const mandateFacts = { mandateId: id('mdt'), accountId: id('acc'), grantee };
const byAccount = (data: { accountId: string }) => data.accountId;

export const mandateGranted = defineEvent({
  type: 'account.mandate.granted',
  topic: 'account.events.v1',
  summary: 'A producer or card may debit an account',
  key: byAccount,
  data: { ...mandateFacts, currency, limits },
});

export const mandateRejected = defineEvent({
  type: 'account.mandate.rejected',
  topic: 'account.events.v1',
  summary: 'A mandate was not granted',
  key: byAccount,
  data: { ...mandateFacts, ...rejection },
});

export const mandateWithdrawn = defineEvent({
  type: 'account.mandate.withdrawn',
  topic: 'account.events.v1',
  summary: 'A producer or card may no longer debit an account',
  key: byAccount,
  data: mandateFacts,
});
