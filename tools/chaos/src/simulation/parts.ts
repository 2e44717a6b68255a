import type { LedgerStore } from '@tallystick/account/app/stores.ts';
import type { UseCase } from '@tallystick/messaging';
import type { PaymentStep } from '@tallystick/payment/app/take-steps.ts';
import type { Payment } from '@tallystick/payment/domain/payment.ts';
import type { Table } from './database.ts';

/** Where a test puts a wrong part in the place of a right one, to see that a promise finds it. */
export interface Parts {
  steps: (right: UseCase<PaymentStep>, payments: Table<Payment>) => UseCase<PaymentStep>;
  ledgerStore: (right: LedgerStore) => LedgerStore;
}

/** Those of the services themselves. */
export const servicesParts: Parts = { steps: (right) => right, ledgerStore: (right) => right };
