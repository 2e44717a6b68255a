import { contentOf, hashOf, CHAIN_START } from '@tallystick/audit';
import { auditEntry, type ErrorCode, type ServiceName } from '@tallystick/contracts';
import { claimed, type Keyring } from '@tallystick/security';
import * as z from 'zod';
import type { Kafka } from '../kafka.ts';
import { rangesSince, readRanges } from '../replay/read-ranges.ts';
import { openAsSigned } from './open-as-signed.ts';

/** A record of the topic that the service did not sign, or that contradicts an earlier one. */
export interface ToldFault {
  /** The place that it claims; absent if it claims none. */
  seq?: number | undefined;
  fault: 'not_signed' | 'told_twice' | 'not_linked';
  /** Where it is on the topic. */
  offset: string;
  /** Why its signature does not count. */
  code?: ErrorCode | undefined;
}

const told = auditEntry.extend({ seq: z.int().min(1), hash: z.string() });

/**
 * Reads the audit of a service from its topic: every entry must be signed by the service.
 * @param parts.group prefix of the consumer group in which it is read
 * @param parts.isWhole whether each hash is computed again too, for a reader without the service's database
 * @returns the hashes by place, or the first record that does not fit
 */
export async function readToldAudit(
  kafka: Kafka,
  parts: { service: ServiceName; topicPrefix: string; keyring: Keyring; group: string; isWhole: boolean },
): Promise<{ hashes: Map<number, string> } | ToldFault> {
  const { service, topicPrefix, keyring, group, isWhole } = parts;
  const topic = `${topicPrefix}${service}.audit.v1`;
  const hashes = new Map<number, string>();
  let fault: ToldFault | undefined;
  const ranges = await rangesSince(kafka, [topic], 0);
  await readRanges(kafka, group, ranges, async (_topic, { key, value, offset }) => {
    if (fault !== undefined) return;
    const record = { topic, key: key?.toString('utf8') ?? null, value };
    const opened = await openAsSigned(record, { keyring, topicPrefix });
    if (!opened.ok || opened.message.claims.iss !== service) {
      const code = opened.ok ? 'envelope.issuer_mismatch' : opened.refusal.code;
      fault = { seq: claimedPlace(value), fault: 'not_signed', offset, code };
      return;
    }
    const { seq, hash, ...entry } = told.parse(opened.message.data);
    const known = hashes.get(seq);
    // The outbox may publish a record twice, but it says the same.
    if (known !== undefined && known !== hash) fault = { seq, fault: 'told_twice', offset };
    else if (isWhole && !isLinked(hashes, seq, hash, contentOf(entry)))
      fault = { seq, fault: 'not_linked', offset };
    hashes.set(seq, hash);
  });
  return fault ?? { hashes };
}

/** Whether an entry has the hash that follows from the one before it. */
function isLinked(hashes: ReadonlyMap<number, string>, seq: number, hash: string, content: string): boolean {
  const before = seq === 1 ? CHAIN_START : Buffer.from(hashes.get(seq - 1) ?? '', 'hex');
  return hashOf(before, content).toString('hex') === hash;
}

function claimedPlace(value: Buffer | null): number | undefined {
  const place = z.object({ data: z.object({ seq: z.int().min(1) }) }).safeParse(claimed(value));
  return place.success ? place.data.data.seq : undefined;
}
