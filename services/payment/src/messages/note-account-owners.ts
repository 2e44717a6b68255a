import type { UseCase } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { AccountOwner, PaymentStore } from '../app/payment-store.ts';

/** Saves the owners of accounts, so that a payee sees and refunds payments to their account. */
export function noteAccountOwners(storeOf: (tx: Transaction) => PaymentStore): UseCase<AccountOwner> {
  return {
    async carryOut(asked, { firstSeen, tx }) {
      const isNew = await firstSeen;
      storeOf(tx).insertAccountOwners(
        asked.filter(({ message }) => isNew.has(message)).map(({ item }) => item),
      );
    },
  };
}
