import type { ErrorDefinition } from './error-definition.ts';

/** Errors of authority: evidence and mandates. */
export const authorityErrors = {
  'evidence.kind_refused': {
    status: 403,
    title: 'Kind of evidence does not authorize this command',
    retry: false,
    action: 'Send the kind of evidence that the command needs.',
  },
  'evidence.invalid': {
    status: 403,
    title: 'Evidence invalid',
    retry: false,
    action: 'Have the owner sign again.',
  },
  'evidence.expired': {
    status: 403,
    title: 'Evidence expired',
    retry: false,
    action: 'Have the owner sign again.',
  },
  'evidence.mismatch': {
    status: 403,
    title: 'Evidence does not match the command',
    retry: false,
    action: 'Ask for exactly what the owner signed.',
  },
  'evidence.used': {
    status: 409,
    title: 'The order was carried out before',
    retry: false,
    action: 'Look the first payment up, or sign a new order.',
  },
  'evidence.not_owner': {
    status: 403,
    title: 'Evidence is not from a party that may order this',
    retry: false,
    action: 'Have the party sign that the order of the payment names.',
  },
  'mandate.missing': {
    status: 403,
    title: 'No mandate for this producer or card on the account',
    retry: false,
    action: 'Have the owner grant a mandate.',
    iso8583: '57',
  },
  'mandate.limit_exceeded': {
    status: 403,
    title: 'Mandate limit exceeded',
    retry: false,
    action: 'Order a smaller amount, or have the owner grant a higher limit.',
    iso8583: '61',
  },
  'mandate.exists': {
    status: 409,
    title: 'Mandate id already exists',
    retry: false,
    action: 'Use a new mandate id.',
  },
} as const satisfies Record<string, ErrorDefinition>;
