import type { ErrorCode } from '@tallystick/contracts';
import type { Send } from '@tallystick/messaging';
import { doneBefore } from '../domain/done-before.ts';
import type { AskedRequest } from './carry-out.ts';
import { publishOutcome } from './publish-outcome.ts';
import type { LedgerStore } from './stores.ts';

/**
 * Refuses requests that arrived too late, or whose status is asked for. If an earlier copy was carried out in time, its
 * outcome is published again.
 */
export async function refuseLate(
  store: LedgerStore,
  send: Send,
  requests: readonly AskedRequest[],
  code: ErrorCode,
): Promise<void> {
  if (requests.length === 0) return;
  const { book } = await store.load(requests, 0);
  for (const request of requests)
    publishOutcome(send, request, doneBefore(book, request.command) ?? { ok: false, code });
}
