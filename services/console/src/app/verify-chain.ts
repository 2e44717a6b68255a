import type { Client } from '@tallystick/client';
import { CHAIN_START, contentOf, hashOf, type ToldEntry } from '@tallystick/audit';
import { auditEntry, type operations, type ServiceName } from '@tallystick/contracts';
import type { Messaging } from '@tallystick/messaging';

type AuditList = (typeof operations)[`${ServiceName}AuditList`];

/** Places in a chain, both ends included. */
export interface Places {
  from: number;
  to: number;
}

/** The result of a verification of a service's audit. */
export type ChainVerdict =
  | {
      isIntact: true;
      /** Entries on the topic. */
      told: number;
      /** The places whose entries the service still shows as it told them; `undefined` if there are none. */
      compared: Places | undefined;
    }
  | { isIntact: false; fault: string; seq: number | undefined; offset?: string | undefined };

/** Entries that are compared at once with what the service shows; each page of them is itself an entry in its audit. */
export const COMPARED_MAX = 1_000;
const PAGE = 200;

/**
 * Verifies a part of the audit of a service: every entry on its topic is signed by it and follows from the one before, and it
 * shows each entry of the part, as it told it. The part has {@link COMPARED_MAX} entries or reaches to the first one.
 * @param part.before the place after the part; by default the part has the newest entries
 * @throws as the client does, if the service does not answer
 */
export async function verifyServiceChain(
  { messaging, client }: { messaging: Pick<Messaging, 'readAudit'>; client: Client },
  { service, list, before }: { service: ServiceName; list: AuditList; before?: number | undefined },
): Promise<ChainVerdict> {
  const told = await messaging.readAudit(service);
  if ('fault' in told) return { isIntact: false, fault: told.fault, seq: told.seq, offset: told.offset };
  const { hashes } = told;
  const newestTold = Math.max(0, ...hashes.keys());
  const compared: number[] = [];
  let last = before;
  let cursor = before === undefined ? undefined : String(before);
  do {
    const { body } = await client.call(list, { query: { limit: PAGE, cursor } });
    for (const entry of body.entries as ToldEntry[]) {
      const { seq } = entry;
      if (last === undefined && seq < newestTold)
        return { isIntact: false, fault: 'missing', seq: newestTold };
      if (last !== undefined && seq !== last - 1) return { isIntact: false, fault: 'missing', seq: last - 1 };
      last = seq;
      // A service tells its newest entries a moment later.
      if (seq > newestTold) continue;
      const fault = faultOf(entry, hashes);
      if (fault !== undefined) return { isIntact: false, fault, seq };
      compared.push(seq);
    }
    cursor = body.nextCursor;
  } while (cursor !== undefined && compared.length < COMPARED_MAX);
  const isEnd = cursor === undefined;
  const lowest = last ?? newestTold + 1;
  if (isEnd && lowest > 1) return { isIntact: false, fault: 'missing', seq: lowest - 1 };
  const [to] = compared;
  return {
    isIntact: true,
    told: hashes.size,
    compared: to === undefined ? undefined : { from: compared.at(-1)!, to },
  };
}

/** Compares an entry with what was told of it and of the one before. */
function faultOf(entry: ToldEntry, hashes: ReadonlyMap<number, string>): string | undefined {
  const { seq, hash } = entry;
  const told = hashes.get(seq);
  if (told !== undefined && told !== hash) return 'not_as_told';
  const before = seq === 1 ? CHAIN_START.toString('hex') : hashes.get(seq - 1);
  return before === undefined || follows(before, entry) ? undefined : 'changed';
}

function follows(before: string, entry: ToldEntry): boolean {
  const content = contentOf(auditEntry.strip().parse(entry));
  return hashOf(Buffer.from(before, 'hex'), content).toString('hex') === entry.hash;
}
