import * as z from 'zod';
import { confidential } from '../classification.ts';
import { requestEvidence } from '../evidence.ts';
import { id } from '../identifiers.ts';
import { defineCommand, defineEvent } from '../message.ts';
import { amountMinor, amountMinorOrZero, currency } from '../money.ts';
import { DECISIONS_AUDIENCE } from '../topics.ts';
import { rejection } from './shapes.ts';

/** ISO/IEC 7812 primary account number. */
export const cardNumber = confidential(
  z
    .string()
    .regex(/^\d{12,19}$/, 'must be 12 to 19 digits')
    .meta({ description: 'Primary account number (ISO/IEC 7812)' }),
);

const authorizationFacts = {
  authorizationId: id('aut'),
  cardId: id('crd'),
  paymentId: id('pay'),
  payeeAccountId: id('acc'),
  amountMinor,
  currency,
};

export const cardAuthorize = defineCommand({
  type: 'card.authorize',
  topic: 'card.commands.v1',
  summary: 'Approve or decline a payment by card, as its holder signed',
  key: (data) => data.cardId,
  data: { ...authorizationFacts, evidence: requestEvidence },
});

export const cardTokenize = defineCommand({
  type: 'card.tokenize',
  topic: 'card.commands.v1',
  classification: 'confidential',
  summary: 'Exchange a card number for the id of the card',
  key: (data) => data.tokenizationId,
  data: { tokenizationId: id('tok'), number: cardNumber },
});

export const cardDecision = defineCommand({
  type: 'card.decision',
  topic: DECISIONS_AUDIENCE,
  summary: "The card service's signed approval, which the ledger checks before it places the hold",
  key: (data) => data.authorizationId,
  data: { ...authorizationFacts, debitAccountId: id('acc') },
});

const byCard = (data: { cardId: string }) => data.cardId;

export const cardIssued = defineEvent({
  type: 'card.issued',
  topic: 'card.events.v1',
  summary: 'A card was issued and waits for its mandate on the account',
  key: byCard,
  data: { cardId: id('crd'), accountId: id('acc'), ownerId: z.string(), last4: z.string() },
});

export const cardActivated = defineEvent({
  type: 'card.activated',
  topic: 'card.events.v1',
  summary: 'A card may be used',
  key: byCard,
  data: { cardId: id('crd') },
});

export const cardIssueFailed = defineEvent({
  type: 'card.issue_failed',
  topic: 'card.events.v1',
  summary: 'A card was not activated, since its mandate was refused',
  key: byCard,
  data: { cardId: id('crd'), ...rejection },
});

export const authorizationApproved = defineEvent({
  type: 'card.authorization.approved',
  topic: 'card.events.v1',
  summary: 'A card payment was approved and its amount is held',
  key: byCard,
  data: { ...authorizationFacts, holdId: id('hld'), debitAccountId: id('acc') },
});

export const authorizationDeclined = defineEvent({
  type: 'card.authorization.declined',
  topic: 'card.events.v1',
  summary: 'A card payment was declined',
  key: byCard,
  data: {
    ...authorizationFacts,
    ...rejection,
    responseCode: z.string().length(2).meta({ description: 'ISO 8583 response code (field 39)' }),
  },
});

export const authorizationEnded = defineEvent({
  type: 'card.authorization.ended',
  topic: 'card.events.v1',
  summary: 'An approved card payment was cleared, reversed or has expired',
  key: byCard,
  data: {
    authorizationId: id('aut'),
    cardId: id('crd'),
    paymentId: id('pay'),
    clearedMinor: amountMinorOrZero,
  },
});

export const cardTokenized = defineEvent({
  type: 'card.tokenized',
  topic: 'card.events.v1',
  summary: 'A card number was found',
  key: (data) => data.tokenizationId,
  data: { tokenizationId: id('tok'), cardId: id('crd'), last4: z.string() },
});

export const cardTokenizeRejected = defineEvent({
  type: 'card.tokenize_rejected',
  topic: 'card.events.v1',
  summary: 'A card number was not found',
  key: (data) => data.tokenizationId,
  data: { tokenizationId: id('tok'), ...rejection },
});
