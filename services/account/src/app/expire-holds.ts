import type { Send } from '@tallystick/messaging';
import { carryOut, type AskedRequest } from './carry-out.ts';
import type { LedgerStore } from './stores.ts';

const HOLDS_MAX = 500;

/** Where holds are found that have run out, and where they are ended. */
export interface HoldExpiry {
  findExpired(nowMs: number, limit: number): Promise<{ holdId: string; debitAccountId: string }[]>;
  /** Runs `work` in a transaction that publishes what it sends. */
  transact(work: (store: LedgerStore, send: Send) => Promise<void>): Promise<void>;
}

/** Releases holds that have run out, a batch of at most 500. */
export async function expireHolds({ findExpired, transact }: HoldExpiry, nowMs: number): Promise<void> {
  const holds = await findExpired(nowMs, HOLDS_MAX);
  if (holds.length === 0) return;
  const requests = holds.map((hold): AskedRequest => ({ command: { kind: 'expire', ...hold } }));
  await transact(async (store, send) => {
    carryOut(store, send, await store.load(requests, nowMs), requests, nowMs);
  });
}
