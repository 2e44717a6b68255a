import * as z from 'zod';
import { confidential } from '../definitions/classification.ts';
import { command, event, superseded } from '../definitions/message.ts';
import { operation } from '../definitions/operation.ts';
import { nextCursor } from '../shapes/cursor.ts';
import { id } from '../shapes/identifiers.ts';
import { accountFilter, listQuery, statusFilter } from '../shapes/list.ts';
import { currency } from '../shapes/money.ts';
import { limits } from '../shapes/parties.ts';
import { rejection } from '../shapes/rejection.ts';
import { time } from '../shapes/time.ts';
import { OUTCOMES } from '../topics.ts';

const since = '2026-11-01';
const read = { service: 'card', method: 'GET', scope: 'cards:read', proof: 'none' } as const;

/** ISO/IEC 7812 primary account number. */
export const cardNumber = confidential(
  z
    .string()
    .regex(/^\d{12,19}$/, 'must be 12 to 19 digits')
    .meta({ description: 'Primary account number (ISO/IEC 7812)', examples: ['4111111111111111'] }),
);

const cardStatuses = ['issued', 'active', 'refused'] as const;

export const cardResource = z.object({
  cardId: id('crd'),
  accountId: id('acc'),
  currency,
  limits,
  last4: z
    .string()
    .length(4)
    .meta({ examples: ['1111'] }),
  expiry: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .meta({ description: 'Last month of use, YYYY-MM', examples: ['2029-11'] }),
  status: z.enum(cardStatuses),
  code: z.string().optional().meta({ description: 'Reason why the account refused the card' }),
  blockedAt: z.iso.datetime().optional().meta({ description: 'Since when an operator blocks the card' }),
  issuedAt: z.iso.datetime(),
});

export const cardIssue = operation('card.issue', {
  audited: true,
  service: 'card',
  method: 'POST',
  path: '/cards',
  location: '/cards/{cardId}',
  summary: 'Order a card for one of your accounts; only this response shows its number',
  scope: 'cards:write',
  proof: 'dpop',
  successStatuses: [202],
  current: {
    since,
    body: z.strictObject({ accountId: id('acc'), currency, limits }),
    response: cardResource.extend({ number: cardNumber.optional() }),
  },
});

export const cardGet = operation('card.get', {
  ...read,
  path: '/cards/{cardId}',
  summary: 'Show one of your cards',
  params: z.strictObject({ cardId: id('crd') }),
  errors: ['resource.not_found'],
  current: { since, response: cardResource },
});

export const cardList = operation('card.list', {
  ...read,
  path: '/cards',
  summary: 'List your cards, newest first',
  query: z.strictObject({
    ...listQuery({ default: 1_000, max: 1_000 }),
    status: statusFilter(cardStatuses),
    accountId: accountFilter,
  }),
  current: { since, response: z.object({ cards: z.array(cardResource), nextCursor }) },
});

const byOperator = {
  service: 'card',
  method: 'POST',
  successStatuses: [200],
  scope: 'cards:block',
  proof: 'dpop',
  params: z.strictObject({ cardId: id('crd') }),
  errors: ['resource.not_found'],
} as const;
const blockChanged = {
  since: '2026-11-29',
  response: z.object({ cardId: id('crd'), blockedAt: z.iso.datetime().optional() }),
};

export const cardBlock = operation('card.block', {
  ...byOperator,
  path: '/cards/{cardId}/block',
  summary: 'Block a card: it authorizes no payment any more; earlier authorizations stay',
  current: blockChanged,
});

export const cardUnblock = operation('card.unblock', {
  ...byOperator,
  path: '/cards/{cardId}/unblock',
  summary: 'Unblock a card: it may pay again',
  current: blockChanged,
});

export const cardStatusChanged = event('card.status_changed', {
  to: [],
  summary: 'A card was blocked or unblocked by an operator',
  key: 'cardId',
  replay: 'state',
  current: {
    since: '2026-11-29',
    data: { cardId: id('crd'), isBlocked: z.boolean(), changedAt: time },
  },
});

export const cardIssued = event('card.issued', {
  to: [],
  summary: 'A card was issued and waits for a mandate on the account',
  key: 'cardId',
  replay: 'none',
  current: {
    since,
    data: { cardId: id('crd'), accountId: id('acc'), ownerId: z.string(), last4: z.string() },
  },
});

export const cardActivated = event('card.activated', {
  to: [],
  summary: 'A card was activated',
  key: 'cardId',
  replay: 'none',
  current: { since, data: { cardId: id('crd') } },
});

export const cardIssueFailed = event('card.issue_failed', {
  to: [],
  summary: 'A card was not activated because its mandate was refused',
  key: 'cardId',
  replay: 'none',
  current: { since, data: { cardId: id('crd'), ...rejection } },
});

export const cardTokenize = command('card.tokenize', {
  from: ['client'],
  to: 'card',
  lifetimeS: 300,
  classification: 'confidential',
  summary: 'Exchange a card number for a token of the card, which is the producer’s own',
  key: 'tokenizationId',
  outcomes: ['card.tokenized', 'card.tokenize_rejected'],
  replay: 'none',
  current: { since, data: { tokenizationId: id('tok'), number: cardNumber } },
});

export const cardTokenized = event('card.tokenized', {
  to: ['client'],
  topic: OUTCOMES,
  summary: 'A card number was found',
  key: 'tokenizationId',
  replay: 'none',
  current: {
    since: '2026-11-29',
    data: { tokenizationId: id('tok'), cardToken: id('ctk'), last4: z.string() },
  },
  earlier: {
    1: superseded({
      since,
      deprecated: { since: '2026-11-29', sunset: '2027-11-29', use: 2 },
      data: { tokenizationId: id('tok'), cardId: id('crd'), last4: z.string() },
      up: ({ cardId, ...rest }) => ({ ...rest, cardToken: cardId.replace('crd', 'ctk') }),
      // The token in the form of a card's id. It names no card.
      down: ({ cardToken, ...rest }: { tokenizationId: string; cardToken: string; last4: string }) => ({
        ...rest,
        cardId: cardToken.replace('ctk', 'crd'),
      }),
      examples: [
        {
          tokenizationId: 'tok_01890a5d-ac96-774b-bcce-b302099a8057',
          cardId: 'crd_01890a5d-ac96-774b-bcce-b302099a8058',
          last4: '1111',
        },
      ],
    }),
  },
});

export const cardTokenizeRejected = event('card.tokenize_rejected', {
  to: ['client'],
  topic: OUTCOMES,
  summary: 'A card number was not found',
  key: 'tokenizationId',
  replay: 'none',
  current: { since, data: { tokenizationId: id('tok'), ...rejection } },
});
