import type { ErrorDefinition } from './error-definition.ts';

/** Errors of cards. */
export const cardErrors = {
  'card.not_found': {
    status: 404,
    title: 'Card not found',
    retry: false,
    action: 'Check the card id or number.',
    iso8583: '14',
  },
  'card.not_active': {
    status: 409,
    title: 'Card not active',
    retry: false,
    action: 'Use a card that is active.',
    iso8583: '62',
  },
  'card.blocked': {
    status: 409,
    title: 'Card blocked',
    retry: false,
    action: 'Use another card.',
    iso8583: '62',
  },
  'card.expired': {
    status: 409,
    title: 'Card expired',
    retry: false,
    action: 'Use a card that is in date.',
    iso8583: '54',
  },
  'card.limit_exceeded': {
    status: 409,
    title: 'Card limit exceeded',
    retry: false,
    action: 'Order a smaller amount, or have the holder raise the limit.',
    iso8583: '61',
  },
  'card.currency_mismatch': {
    status: 409,
    title: 'Currency mismatch with the card',
    retry: false,
    action: "Use the card's currency.",
    iso8583: '57',
  },
  'card.misses_exceeded': {
    status: 429,
    title: 'Too many card numbers that were not found',
    retry: true,
    action: 'Check where the numbers come from. The limit of a producer ends with the UTC day.',
  },
} as const satisfies Record<string, ErrorDefinition>;
