import type { Decision } from '@tallystick/audit';
import type { Movement, Payment } from '../domain/payment.ts';
import type { PaymentParties } from '../domain/roles.ts';
import type { PaymentNames } from './payment-step.ts';

/** All data that the steps of a batch need. */
export interface PaymentState {
  payments: Map<string, Payment>;
  movements: Map<string, Movement>;
  /** Ids of captures and refunds that were already ordered. */
  operationIds: Set<string>;
  /** Keyed by `endToEndKey`. */
  endToEndIds: Set<string>;
  /** The parties of commanded payments, by payment id. */
  parties: Map<string, PaymentParties>;
}

/** The owner of an account. It never changes. */
export interface AccountOwner {
  accountId: string;
  ownerId: string;
}

/** A mandate of a producer on an account. */
export interface ProducerMandate {
  mandateId: string;
  accountId: string;
  producerId: string;
  /** `undefined`: it lasts until withdrawn. */
  endsAtMs: number | undefined;
}

export interface PaymentChanges {
  newPayments: readonly Payment[];
  changedPayments: readonly Payment[];
  newMovements: readonly Movement[];
  changedMovements: readonly Movement[];
}

/** Storage of payments, within one transaction. */
export interface PaymentStore {
  /** Loads the named data, and locks the payments in the order of their ids. */
  load(names: PaymentNames): Promise<PaymentState>;
  save(changes: PaymentChanges): void;
  /** Writes refusals to the audit. */
  audit(refusals: readonly Decision[]): void;
  insertAccountOwners(owners: readonly AccountOwner[]): void;
  /** Saves the current mandate of each producer on each account. */
  saveMandates(mandates: readonly ProducerMandate[]): void;
  /** Deletes mandates that were withdrawn, unless another took their place. */
  deleteMandates(mandateIds: readonly string[]): void;
}
