import type { ErrorDefinition } from './error-definition.ts';

/** Errors of payments. */
export const paymentErrors = {
  'payment.id_reused': {
    status: 409,
    title: 'Payment id already exists',
    retry: false,
    action: 'Use a new payment id.',
  },
  'payment.end_to_end_id_reused': {
    status: 409,
    title: 'End-to-end id already used by you for this account or card',
    retry: false,
    action: 'Use a new end-to-end id, or look the first payment up.',
  },
  'payment.not_found': {
    status: 404,
    title: 'Payment not found',
    retry: false,
    action: 'Check the payment id, and that the payment is yours.',
  },
  'payment.not_permitted': {
    status: 403,
    title: 'Your part in this payment does not allow this operation',
    retry: false,
    action: 'Leave it to the party that may: the payee, or the capturer that the order names.',
  },
  'payment.id_out_of_time': {
    status: 409,
    title: 'The time in the payment id is far from now',
    retry: false,
    action: 'Create the payment id, a UUIDv7, when you order the payment.',
  },
  'payment.state_conflict': {
    status: 409,
    title: 'Payment status does not allow this operation',
    retry: false,
    action: 'Look the payment up, and order what its state allows.',
  },
  'payment.timed_out': {
    status: 409,
    title: 'The order was not carried out in time; no money moved',
    retry: false,
    action: 'Order it again.',
    iso8583: '68',
  },
  'payment.amount_exceeded': {
    status: 409,
    title: 'Amount exceeds the rest of the payment',
    retry: false,
    action: 'Order no more than is left.',
  },
} as const satisfies Record<string, ErrorDefinition>;
