/**
 * The part of a party in the object of an operation.
 *
 * - `owner`: owns the account or the mandate, or gave the consent; `cardholder`: holds the card.
 * - `payer`: owns the account that pays. `payee`: owns the account that is paid. `payee_agent`: a producer with the
 *   payee's mandate. They exist once the money of the payment is held, so that nobody's refused order concerns them.
 * - `initiator`: ordered the payment. `capturer`: the payee or the initiator, as the order says.
 * - `operator`: a client that acts on its own behalf or a person who is an operator, under a scope for operators.
 */
export type Role =
  'owner' | 'cardholder' | 'payer' | 'payee' | 'payee_agent' | 'initiator' | 'capturer' | 'operator';

/** Roles by the name of an operation or command. */
export type AuthorityTable = Readonly<Record<string, readonly Role[]>>;

/**
 * The roles that may do an operation or command to an existing object, by its name. Each service enforces it in one
 * place. Other parties get the same answer as for an object that does not exist.
 */
export const authority = {
  'account.get': ['owner'],
  'account.entries': ['owner'],
  'account.freeze': ['operator'],
  'account.unfreeze': ['operator'],
  'account.ledger.account': ['operator'],
  'account.ledger.accounts': ['operator'],
  'account.ledger.mandates': ['operator'],
  'account.ledger.entries': ['operator'],
  'account.ledger.holds': ['operator'],
  'account.ledger.payment': ['operator'],
  'account.mandate.withdraw': ['owner'],
  'account.mandate.withdraw_of_party': ['operator'],
  'account.transfer.approve': ['operator'],
  'card.block': ['operator'],
  'card.unblock': ['operator'],
  'card.get': ['cardholder'],
  'card.authorizations': ['cardholder'],
  'payment.get': ['payer', 'payee', 'payee_agent', 'initiator'],
  'payment.capture': ['capturer'],
  'payment.capture.get': ['payer', 'payee', 'payee_agent', 'initiator'],
  'payment.cancel': ['capturer', 'payee'],
  'payment.refund': ['payee', 'payee_agent'],
  'payment.refund.get': ['payer', 'payee', 'payee_agent', 'initiator'],
  'auth.client.disable': ['operator'],
  'auth.client.enable': ['operator'],
  'auth.consent.withdraw': ['owner'],
  'auth.customer.disable': ['operator'],
  'auth.customer.enable': ['operator'],
  'auth.operator.disable': ['operator'],
  'auth.operator.enable': ['operator'],
  'auth.operator.sessions.end': ['operator'],
  'auth.sessions.end': ['operator'],
  'auth.producer.enrol': ['operator'],
  'auth.producer.register': ['operator'],
  'auth.producer.revoke': ['operator'],
} as const satisfies AuthorityTable;
