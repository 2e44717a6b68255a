import { auditOf } from '@tallystick/audit';
import type { Transaction } from '@tallystick/postgres';
import type { PaymentStore } from '../app/payment-store.ts';
import { findMovements, findOperationIds, insertMovements, updateMovements } from './movements.ts';
import { deleteMandates, findParties, insertAccountOwners, saveMandates } from './parties.ts';
import { findEndToEndIds, insertPayments, lockPayments, updatePayments } from './payments.ts';

/** Creates the Postgres store of payments: one statement for each table, for any batch size. */
export function paymentStore(tx: Transaction): PaymentStore {
  return {
    async load({ paymentIds, commandedIds, transferIds, operationIds, orders }) {
      const [payments, movements, ordered, endToEndIds, parties] = await Promise.all([
        lockPayments(tx, paymentIds),
        findMovements(tx, transferIds),
        findOperationIds(tx, operationIds),
        findEndToEndIds(tx, orders),
        findParties(tx, commandedIds),
      ]);
      return { payments, movements, operationIds: ordered, endToEndIds, parties };
    },
    save({ newPayments, changedPayments, newMovements, changedMovements }) {
      insertPayments(tx, newPayments);
      updatePayments(tx, changedPayments);
      insertMovements(tx, newMovements);
      updateMovements(tx, changedMovements);
    },
    audit: (refusals) => tx.write(auditOf(refusals)),
    insertAccountOwners: (owners) => insertAccountOwners(tx, owners),
    saveMandates: (mandates) => saveMandates(tx, mandates),
    deleteMandates: (mandateIds) => deleteMandates(tx, mandateIds),
  };
}
