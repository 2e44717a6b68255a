import type { Outbox } from '@tallystick/messaging';
import { repeat, type Pool, type Repeated } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import { carryOut, type AskedRequest } from './ledger.ts';
import { findExpiredHolds } from './store/accounts.ts';
import { loadState } from './store/load-state.ts';

const INTERVAL_MS = 1_000;
const HOLDS_MAX = 500;

/** Releases holds that have run out, a batch at a time. */
export function startHoldExpiry(pool: Pool, outbox: Outbox, logger: Logger, nowMs: () => number): Repeated {
  const expire = async (): Promise<void> => {
    const at = nowMs();
    const holds = await findExpiredHolds(pool, new Date(at), HOLDS_MAX);
    if (holds.length === 0) return;
    const requests = holds.map((hold): AskedRequest => ({ command: { kind: 'expire', ...hold } }));
    await outbox.transaction(async (tx, send) => {
      carryOut(tx, send, await loadState(tx, requests, at), requests, at);
    });
  };
  return repeat(INTERVAL_MS, expire, (fault) => logger.warn({ err: fault }, 'holds will expire later'));
}
