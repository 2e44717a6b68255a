import type { ErrorDefinition } from './error-definition.ts';

/** Errors of the ledger. */
export const ledgerErrors = {
  'ledger.account_not_found': {
    status: 404,
    title: 'Account not found',
    retry: false,
    action: 'Check the account id.',
  },
  'ledger.account_not_open': {
    status: 409,
    title: 'Account not open',
    retry: false,
    action: 'Use an account that is open.',
  },
  'ledger.second_operator_needed': {
    status: 403,
    title: 'Another operator must approve this transfer',
    retry: false,
    action: 'Propose the transfer, and let a second operator approve it.',
  },
  'ledger.same_account': {
    status: 409,
    title: 'Debit and credit account are the same',
    retry: false,
    action: 'Name two accounts.',
  },
  'ledger.currency_mismatch': {
    status: 409,
    title: 'Currency mismatch with the account',
    retry: false,
    action: "Use the account's currency.",
  },
  'ledger.insufficient_funds': {
    status: 409,
    title: 'Insufficient funds',
    retry: false,
    action: 'Fund the account, or order a smaller amount.',
    iso8583: '51',
  },
  'ledger.hold_not_found': {
    status: 404,
    title: 'Hold not found on this account',
    retry: false,
    action: 'Check the hold id and its account.',
  },
  'ledger.hold_ended': {
    status: 409,
    title: 'Hold already ended',
    retry: false,
    action: 'Place a new hold.',
  },
  'ledger.hold_exceeded': {
    status: 409,
    title: 'Amount exceeds the rest of the hold',
    retry: false,
    action: 'Post no more than the hold has left.',
  },
  'ledger.id_reused': {
    status: 409,
    title: 'Id already used',
    retry: false,
    action: 'Use a new id.',
  },
  'refund.exceeds_payment': {
    status: 409,
    title: 'Refund exceeds the payment',
    retry: false,
    action: 'Return no more than was paid and not returned.',
  },

  'ledger.balance_limit_exceeded': {
    status: 409,
    title: 'Balance limit exceeded',
    retry: false,
    action: 'Move less, or move it to another account.',
  },
  'ledger.entry_legs_invalid': {
    status: 400,
    title: 'An entry has 2 to 16 legs, none of them zero, each on another account',
    retry: false,
    action: 'Correct the legs.',
  },
  'ledger.entry_unbalanced': {
    status: 400,
    title: 'The legs do not sum to zero in each currency',
    retry: false,
    action: 'Correct the amounts of the legs.',
  },
} as const satisfies Record<string, ErrorDefinition>;
