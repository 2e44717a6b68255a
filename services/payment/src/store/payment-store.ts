import type { Transaction } from '@tallystick/postgres';
import type { PaymentStore } from '../app/payment-store.ts';
import { findMovements, findOperationIds, insertMovements, updateMovements } from './movements.ts';
import {
  findEndToEndIds,
  insertPayments,
  lockPayments,
  insertAccountOwners,
  updatePayments,
} from './payments.ts';

/** Creates the Postgres store of payments: one statement for each table, for any batch size. */
export function paymentStore(tx: Transaction): PaymentStore {
  return {
    async load({ paymentIds, transferIds, operationIds, orders }) {
      const [payments, movements, ordered, endToEndIds] = await Promise.all([
        lockPayments(tx, paymentIds),
        findMovements(tx, transferIds),
        findOperationIds(tx, operationIds),
        findEndToEndIds(tx, orders),
      ]);
      return { payments, movements, operationIds: ordered, endToEndIds };
    },
    save({ newPayments, changedPayments, newMovements, changedMovements }) {
      insertPayments(tx, newPayments);
      updatePayments(tx, changedPayments);
      insertMovements(tx, newMovements);
      updateMovements(tx, changedMovements);
    },
    insertAccountOwners: (owners) => insertAccountOwners(tx, owners),
  };
}
