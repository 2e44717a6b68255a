import type { Mandate } from '../domain/mandate.ts';
import type { MandateStore } from './stores.ts';

/** An event of this service about a mandate. */
export type MandateEvent =
  | ({ kind: 'granted'; atMs: number } & Omit<Mandate, 'ownerId' | 'status' | 'grantedAtMs'>)
  | { kind: 'withdrawn'; atMs: number; mandateId: string };

/** Grants and withdraws mandates again, in the given order. Known events change nothing. */
export async function replayMandates(store: MandateStore, events: readonly MandateEvent[]): Promise<void> {
  for (const event of events) {
    if (event.kind === 'withdrawn') {
      await store.withdraw(event.mandateId, new Date(event.atMs));
      continue;
    }
    const { kind: _kind, atMs, ...mandate } = event;
    const ownerId = await store.findOwnerOfNew(mandate);
    if (ownerId !== undefined)
      await store.insert({ ...mandate, ownerId, status: 'active', grantedAtMs: atMs });
  }
}
