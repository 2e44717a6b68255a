import * as z from 'zod';
import { id } from '../identifiers.ts';
import { cardNumber } from '../messages/card.ts';
import { limits } from '../messages/shapes.ts';
import { amountMinor, amountMinorOrZero, currency } from '../money.ts';
import { defineOperation } from '../operation.ts';

export const cardResource = z.object({
  cardId: id('crd'),
  accountId: id('acc'),
  currency,
  limits,
  last4: z.string().length(4),
  expiry: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .meta({ description: 'Last month of use, YYYY-MM' }),
  status: z.enum(['issued', 'active', 'refused']),
  code: z.string().optional().meta({ description: 'Why the account refused the card' }),
  issuedAt: z.iso.datetime(),
});

export const cardIssue = defineOperation({
  id: 'card.issue',
  service: 'card',
  method: 'POST',
  path: '/v1/cards',
  summary: 'Order a card on one of your accounts; its number is shown in this answer only',
  scope: 'cards:write',
  authority: 'dpop',
  successStatuses: [202],
  body: z.strictObject({ accountId: id('acc'), currency, limits }),
  response: cardResource.extend({ number: cardNumber.optional() }),
});

export const cardGet = defineOperation({
  id: 'card.get',
  service: 'card',
  method: 'GET',
  path: '/v1/cards/{cardId}',
  summary: 'Show one of your cards',
  scope: 'cards:read',
  authority: 'token',
  params: z.strictObject({ cardId: id('crd') }),
  response: cardResource,
});

export const cardList = defineOperation({
  id: 'card.list',
  service: 'card',
  method: 'GET',
  path: '/v1/cards',
  summary: 'List your cards',
  scope: 'cards:read',
  authority: 'token',
  response: z.object({ cards: z.array(cardResource) }),
});

export const authorizationList = defineOperation({
  id: 'card.authorizations',
  service: 'card',
  method: 'GET',
  path: '/v1/cards/{cardId}/authorizations',
  summary: 'List what one of your cards was used for, newest first',
  scope: 'cards:read',
  authority: 'token',
  params: z.strictObject({ cardId: id('crd') }),
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  response: z.object({
    authorizations: z.array(
      z.object({
        authorizationId: id('aut'),
        paymentId: id('pay'),
        amountMinor,
        clearedMinor: amountMinorOrZero,
        currency,
        status: z.enum(['requested', 'approved', 'declined', 'ended']),
        code: z.string().optional(),
        requestedAt: z.iso.datetime(),
      }),
    ),
  }),
});
