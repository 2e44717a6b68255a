import * as z from 'zod';
import { command, event } from '../definitions/message.ts';
import { operation } from '../definitions/operation.ts';
import { requestEvidence } from '../shapes/evidence.ts';
import { nextCursor } from '../shapes/cursor.ts';
import { id } from '../shapes/identifiers.ts';
import { listQuery, statusFilter } from '../shapes/list.ts';
import { amountMinor, amountMinorOrZero, currency } from '../shapes/money.ts';
import { capturedBy, captureMode } from '../shapes/payment-order.ts';
import { ORDER_LIFETIME_S } from '../shapes/order-lifetime.ts';
import { rejection } from '../shapes/rejection.ts';
import { DECISIONS_AUDIENCE } from '../topics.ts';

const since = '2026-11-01';
const authorizationFacts = {
  authorizationId: id('aut'),
  cardId: id('crd'),
  paymentId: id('pay'),
  payeeAccountId: id('acc'),
  amountMinor,
  currency,
};
const authorizationStatuses = ['requested', 'approved', 'declined', 'ended'] as const;
const authorizationEvent = { to: ['payment'], key: 'cardId' } as const;

export const authorizationList = operation('card.authorizations', {
  service: 'card',
  method: 'GET',
  path: '/cards/{cardId}/authorizations',
  summary: 'List the authorizations of one of your cards, newest first',
  scope: 'cards:read',
  proof: 'none',
  params: z.strictObject({ cardId: id('crd') }),
  query: z.strictObject({
    ...listQuery({ default: 50, max: 200 }),
    status: statusFilter(authorizationStatuses),
  }),
  errors: ['resource.not_found'],
  current: {
    since,
    response: z.object({
      authorizations: z.array(
        z.object({
          authorizationId: id('aut'),
          paymentId: id('pay'),
          amountMinor,
          clearedMinor: amountMinorOrZero,
          currency,
          status: z.enum(authorizationStatuses),
          code: z.string().optional(),
          requestedAt: z.iso.datetime(),
        }),
      ),
      nextCursor,
    }),
  },
});

export const cardAuthorize = command('card.authorize', {
  from: ['payment'],
  to: 'card',
  summary: 'Approve or decline a card payment that the cardholder signed',
  key: 'cardId',
  lifetimeS: ORDER_LIFETIME_S,
  outcomes: ['card.authorization.approved', 'card.authorization.declined'],
  replay: 'state',
  current: { since, data: { ...authorizationFacts, evidence: requestEvidence } },
});

export const authorizationRequestStatus = command('card.authorization.request_status', {
  from: ['payment'],
  to: 'card',
  summary: 'Tell the outcome of an authorization again; one that was not decided in time is declined',
  key: 'cardId',
  outcomes: ['card.authorization.approved', 'card.authorization.declined'],
  replay: 'none',
  current: { since: '2026-11-29', data: authorizationFacts },
});

export const cardDecision = command('card.decision', {
  from: ['card'],
  to: 'account',
  audience: DECISIONS_AUDIENCE,
  lifetimeS: ORDER_LIFETIME_S,
  summary: "The card service's signed approval, which the ledger checks before it places the hold",
  key: 'authorizationId',
  outcomes: [],
  replay: 'none',
  current: {
    since,
    data: { ...authorizationFacts, debitAccountId: id('acc'), capture: captureMode, capturedBy },
  },
});

export const authorizationApproved = event('card.authorization.approved', {
  ...authorizationEvent,
  summary: 'A card payment was approved and its amount is held',
  replay: 'none',
  current: { since, data: { ...authorizationFacts, holdId: id('hld'), debitAccountId: id('acc') } },
});

export const authorizationDeclined = event('card.authorization.declined', {
  ...authorizationEvent,
  summary: 'A card payment was declined',
  replay: 'state',
  current: {
    since,
    data: {
      ...authorizationFacts,
      ...rejection,
      responseCode: z
        .string()
        .length(2)
        .meta({ description: 'ISO 8583 response code (field 39)', examples: ['51'] }),
    },
  },
});

export const authorizationEnded = event('card.authorization.ended', {
  to: [],
  summary: 'An approved card payment was cleared, was reversed or has expired',
  key: 'cardId',
  replay: 'none',
  current: {
    since,
    data: {
      authorizationId: id('aut'),
      cardId: id('crd'),
      paymentId: id('pay'),
      clearedMinor: amountMinorOrZero,
    },
  },
});
