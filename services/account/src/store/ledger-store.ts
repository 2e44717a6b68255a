import { auditOf } from '@tallystick/audit';
import type { Transaction } from '@tallystick/postgres';
import type { LedgerStore } from '../app/stores.ts';
import { addSpending } from './mandate-usage.ts';
import { loadState } from './load-state.ts';
import { saveDecision } from './save-decision.ts';

/** Creates the Postgres store of the ledger, within a transaction. */
export function ledgerStore(tx: Transaction): LedgerStore {
  return {
    load: (requests, nowMs) => loadState(tx, requests, nowMs),
    addSpending: (spent) => addSpending(tx, spent),
    audit: (refusals) => tx.write(auditOf(refusals)),
    save: (state, decision, nowMs) => saveDecision(tx, state, decision, nowMs),
  };
}
