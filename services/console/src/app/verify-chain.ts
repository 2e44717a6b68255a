import type { Client } from '@tallystick/client';
import { contentOf, hashOf, type ToldEntry } from '@tallystick/audit';
import { auditEntry, type operations, type ServiceName } from '@tallystick/contracts';
import type { Messaging } from '@tallystick/messaging';

type AuditList = (typeof operations)[`${ServiceName}AuditList`];

/** The result of a verification of a service's audit. */
export type ChainVerdict =
  | {
      isIntact: true;
      /** Entries on the topic. */
      told: number;
      /** Of these, how many the service still shows as it told them. */
      compared: number;
    }
  | { isIntact: false; fault: string; seq: number | undefined; offset?: string | undefined };

/** Newest entries that are compared with what the service shows; each page of them is itself an entry in its audit. */
export const COMPARED_MAX = 1_000;
const PAGE = 200;

/**
 * Verifies the audit of a service: every entry on its topic is signed by it and follows from the one before, and the newest
 * entries that it shows have the hashes that it told.
 * @throws as the client does, if the service does not answer
 */
export async function verifyServiceChain(
  { messaging, client }: { messaging: Pick<Messaging, 'readAudit'>; client: Client },
  service: ServiceName,
  list: AuditList,
): Promise<ChainVerdict> {
  const told = await messaging.readAudit(service);
  if ('fault' in told) return { isIntact: false, fault: told.fault, seq: told.seq, offset: told.offset };
  let compared = 0;
  let cursor: string | undefined;
  do {
    const { body } = await client.call(list, { query: { limit: PAGE, cursor } });
    for (const entry of body.entries as ToldEntry[]) {
      const { seq, hash } = entry;
      const heard = told.hashes.get(seq);
      // A service tells its newest entries a moment later.
      if (heard === undefined) continue;
      if (heard !== hash) return { isIntact: false, fault: 'not_as_told', seq };
      const before = told.hashes.get(seq - 1);
      if (before !== undefined && !follows(before, entry)) return { isIntact: false, fault: 'changed', seq };
      compared += 1;
    }
    cursor = body.nextCursor;
  } while (cursor !== undefined && compared < COMPARED_MAX);
  return { isIntact: true, told: told.hashes.size, compared };
}

function follows(before: string, entry: ToldEntry): boolean {
  const content = contentOf(auditEntry.strip().parse(entry));
  return hashOf(Buffer.from(before, 'hex'), content).toString('hex') === entry.hash;
}
