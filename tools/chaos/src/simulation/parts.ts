import type { LedgerStore } from '@tallystick/account/app/stores.ts';
import type { UseCase } from '@tallystick/messaging';
import type { PaymentStep } from '@tallystick/payment/app/payment-step.ts';
import type { Payment } from '@tallystick/payment/domain/payment.ts';
import type { Table } from './database.ts';

/** Parts that a test replaces by faulty ones, to check that a promise detects them. */
export interface Parts {
  steps: (right: UseCase<PaymentStep>, payments: Table<Payment>) => UseCase<PaymentStep>;
  ledgerStore: (right: LedgerStore) => LedgerStore;
}

/** The real parts of the services. */
export const servicesParts: Parts = { steps: (right) => right, ledgerStore: (right) => right };
