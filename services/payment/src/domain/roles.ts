import { authority, CodedError, type Role } from '@tallystick/contracts';
import type { Initiator, Payment } from './payment.ts';

/** The owners behind a payment, as other services told. */
export interface PaymentParties {
  /** Owner of the account that pays; `undefined` if unknown, as for a card before its authorization. */
  payerId: string | undefined;
  /** Owner of the account that is paid. */
  payeeId: string | undefined;
  /** Producers with a mandate of the payee. */
  payeeAgentIds: readonly string[];
}

/** The parties of a payment that the database does not have. */
export const nobody: PaymentParties = { payerId: undefined, payeeId: undefined, payeeAgentIds: [] };

/** An operation on a payment, as named in the table of authority. */
export type PaymentOperation = Extract<keyof typeof authority, `payment.${string}`>;

/**
 * Returns the roles of a party in a payment. Payer and payee have a role once the money is held: an order that is not
 * carried out concerns its initiator alone.
 */
export function rolesOf(
  { initiator, capturedBy, status }: Pick<Payment, 'initiator' | 'capturedBy' | 'status'>,
  { payerId, payeeId, payeeAgentIds }: PaymentParties,
  party: Initiator,
): Set<Role> {
  const roles = new Set<Role>();
  if (party.kind === initiator.kind && party.id === initiator.id) {
    roles.add('initiator');
    if (capturedBy === 'initiator') roles.add('capturer');
  }
  if (status === 'requested' || status === 'failed') return roles;
  if (party.kind === 'producer') {
    if (payeeAgentIds.includes(party.id)) roles.add('payee_agent');
    return roles;
  }
  if (party.id === payerId) roles.add('payer');
  if (party.id === payeeId) {
    roles.add('payee');
    if (capturedBy === 'payee') roles.add('capturer');
  }
  return roles;
}

/**
 * Refuses an operation that the roles of a party do not allow.
 * @throws CodedError `payment.not_found` without any role, as if there were no payment; `payment.not_permitted`
 */
export function requireRole(name: PaymentOperation, roles: ReadonlySet<Role>): void {
  if (!authority['payment.get'].some((role) => roles.has(role))) throw new CodedError('payment.not_found');
  if (!authority[name].some((role) => roles.has(role))) throw new CodedError('payment.not_permitted');
}
