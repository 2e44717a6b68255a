import type { Part } from '../system/processes.ts';

/** A transfer between two accounts of a peer. */
export interface PeerTransfer {
  /** Unique in a run. */
  reference: string;
  from: string;
  to: string;
  amountMinor: number;
}

/** A running ledger of others. */
export interface RunningPeer {
  /** Its processes, without Postgres. */
  parts: Part[];
  /** Opens accounts that a transfer may name. @returns their ids */
  openAccounts(count: number): Promise<string[]>;
  /** Brings money in. @param to its account */
  fund(to: string, amountMinor: number): Promise<void>;
  /** Posts a transfer. @throws PeerRefusal unless it is in the books when the answer comes */
  transfer(transfer: PeerTransfer): Promise<void>;
  stop(): Promise<void>;
}

/** How to start a ledger of others from its binary. */
export interface Peer {
  name: 'formance' | 'blnk';
  /**
   * @param binary path of its program
   * @param databaseUrl URL of an empty database, whose role owns it
   * @param directory for its files and logs
   */
  start(binary: string, databaseUrl: string, directory: string): Promise<RunningPeer>;
}

/** A ledger answered otherwise than with success. */
export class PeerRefusal extends Error {
  override readonly name = 'PeerRefusal';
}
