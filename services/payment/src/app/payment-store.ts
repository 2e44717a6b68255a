import type { Movement, Payment } from '../domain/payment.ts';
import type { PaymentNames } from './take-steps.ts';

/** All data that the steps of a batch need. */
export interface PaymentState {
  payments: Map<string, Payment>;
  movements: Map<string, Movement>;
  /** Ids of captures and refunds that were already ordered. */
  operationIds: Set<string>;
  /** Keyed by `endToEndKey`. */
  endToEndIds: Set<string>;
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
  insertAccountOwners(owners: readonly { accountId: string; ownerId: string }[]): void;
}
