import type { UseCase } from '@tallystick/messaging';
import { paymentStore } from '../store/payment-store.ts';

/** Notes whose accounts are whose, so that a payee sees and refunds what their account received. */
export const noteAccountOwners: UseCase<{ accountId: string; ownerId: string }> = {
  async carryOut(asked, { fresh, tx }) {
    const isNew = await fresh;
    paymentStore(tx).saveAccountOwners(
      asked.filter(({ message }) => isNew.has(message)).map(({ item }) => item),
    );
  },
};
