import type { UseCase } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';
import type { PaymentStore, ProducerMandate } from '../app/payment-store.ts';

/** A mandate that was granted to a producer, or the id of one that was withdrawn. */
export type MandateNote = { granted: ProducerMandate } | { withdrawnId: string };

/** Saves which producers may act for an account, so that a refund by one is judged when it is ordered. */
export function noteMandates(storeOf: (tx: Transaction) => PaymentStore): UseCase<MandateNote> {
  return {
    async carryOut(asked, { firstSeen, tx }) {
      const isNew = await firstSeen;
      const notes = asked.filter(({ message }) => isNew.has(message)).map(({ item }) => item);
      const store = storeOf(tx);
      const withdrawn = new Set(notes.flatMap((note) => ('withdrawnId' in note ? [note.withdrawnId] : [])));
      store.saveMandates(
        notes.flatMap((note) =>
          'granted' in note && !withdrawn.has(note.granted.mandateId) ? [note.granted] : [],
        ),
      );
      store.deleteMandates([...withdrawn]);
    },
  };
}
