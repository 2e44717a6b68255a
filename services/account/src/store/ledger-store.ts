import { auditOf } from '@tallystick/audit';
import type { Transaction } from '@tallystick/postgres';
import type { LedgerStore } from '../app/stores.ts';
import { loadState } from './load-state.ts';
import { saveDecision } from './save-decision.ts';

/** Rules of an installation. */
export interface LedgerRules {
  /** Whether bringing money in needs a second operator. */
  fundByTwo: boolean;
}

/** Creates the Postgres store of the ledger, within a transaction. */
export function ledgerStore(tx: Transaction, { fundByTwo }: LedgerRules = { fundByTwo: false }): LedgerStore {
  return {
    load: async (requests, nowMs) => ({ ...(await loadState(tx, requests, nowMs)), fundByTwo }),
    audit: (refusals) => tx.write(auditOf(refusals)),
    save: (decision) => saveDecision(tx, decision),
  };
}
