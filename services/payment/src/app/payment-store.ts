import type { Movement, Payment } from '../domain/payment.ts';
import type { PaymentNames } from './take-steps.ts';

/** All that the steps of a batch may touch. */
export interface PaymentState {
  payments: Map<string, Payment>;
  movements: Map<string, Movement>;
  /** Ids of captures and refunds that were ordered. */
  operationIds: Set<string>;
  /** By `endToEndKey`. */
  endToEndIds: Set<string>;
}

export interface PaymentChanges {
  newPayments: readonly Payment[];
  changedPayments: readonly Payment[];
  newMovements: readonly Movement[];
  changedMovements: readonly Movement[];
}

/** Where payments are kept, within one transaction. */
export interface PaymentStore {
  /** Loads what these names stand for, and locks the payments in the order of their ids. */
  load(names: PaymentNames): Promise<PaymentState>;
  save(changes: PaymentChanges): void;
  insertAccountOwners(owners: readonly { accountId: string; ownerId: string }[]): void;
}
