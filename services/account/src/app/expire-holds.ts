import type { Send } from '@tallystick/messaging';
import { carryOut, type AskedRequest } from './carry-out.ts';
import type { LedgerStore } from './stores.ts';

const HOLDS_MAX = 500;

/** Finds expired holds and ends them. */
export interface HoldExpiry {
  findExpired(nowMs: number, limit: number): Promise<{ holdId: string; debitAccountId: string }[]>;
  /** Runs `work` in a transaction that publishes the messages it sends. */
  transact(work: (store: LedgerStore, send: Send) => Promise<void>): Promise<void>;
}

/** Releases expired holds, at most 500 in a batch. */
export async function expireHolds({ findExpired, transact }: HoldExpiry, nowMs: number): Promise<void> {
  const holds = await findExpired(nowMs, HOLDS_MAX);
  if (holds.length === 0) return;
  const requests = holds.map((hold): AskedRequest => ({ command: { kind: 'expire', ...hold } }));
  await transact(async (store, send) => {
    carryOut(store, send, await store.load(requests, nowMs), requests, nowMs);
  });
}
