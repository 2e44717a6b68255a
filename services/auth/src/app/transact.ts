import type { Outbox, OutgoingRecord } from '@tallystick/messaging';
import type { Transaction } from '@tallystick/postgres';

/** Adds records that the running transaction publishes. */
export type PublishRecords = (records: readonly OutgoingRecord[]) => void;

/** Runs a transaction whose records are published after the commit. */
export type Transact = <T>(work: (tx: Transaction, publish: PublishRecords) => Promise<T>) => Promise<T>;

/** Returns transactions that publish only records of the key topic, no messages. */
export function transactBy(outbox: Outbox): Transact {
  return (work) => {
    const records: OutgoingRecord[] = [];
    return outbox.transaction((tx) => work(tx, (more) => records.push(...more)), { extra: () => records });
  };
}
