import { contractTopics, type DataOf, type messages } from '@tallystick/contracts';
import type { Keyring } from '@tallystick/security';
import { openAsSigned } from '../admin/open-as-signed.ts';
import type { Kafka } from '../kafka.ts';
import { rangesSince, readRanges } from '../replay/read-ranges.ts';

/** The contracts that a release of a service declared. */
export type Declaration = DataOf<typeof messages.paymentContractsDeclared>;

export interface TopicRecord {
  topic: string;
  key: string | null;
  value: Buffer;
}

/**
 * Reads what each release of each service declared last. Records that the service did not sign do not count.
 * @param options.groupId prefix of the consumer group that reads
 */
export async function readDeclarations(
  kafka: Kafka,
  options: { groupId: string; topicPrefix: string; keyring: Keyring },
): Promise<Declaration[]> {
  return declarationsIn(await readTopics(kafka, options, contractTopics), options);
}

/** Reads the present records of topics. */
export async function readTopics(
  kafka: Kafka,
  { groupId, topicPrefix }: { groupId: string; topicPrefix: string },
  names: readonly string[],
): Promise<TopicRecord[]> {
  const ranges = await rangesSince(
    kafka,
    names.map((name) => topicPrefix + name),
    0,
  );
  const records: TopicRecord[] = [];
  await readRanges(kafka, groupId, ranges, (topic, { key, value }) => {
    if (value !== null) records.push({ topic, key: key?.toString('utf8') ?? null, value });
  });
  return records;
}

/** Opens records of contracts, as their services signed them. */
export async function declarationsIn(
  records: readonly TopicRecord[],
  options: { keyring: Keyring; topicPrefix: string },
): Promise<Declaration[]> {
  const last = new Map<string, Declaration>();
  for (const result of await Promise.all(records.map((record) => openAsSigned(record, options)))) {
    if (!result.ok) continue;
    const declared = result.message.data as Declaration;
    const name = `${declared.service} ${declared.releaseId}`;
    const isSigned = declared.service === result.message.claims.iss;
    if (isSigned && (last.get(name)?.declaredAt ?? '') <= declared.declaredAt) last.set(name, declared);
  }
  return [...last.values()];
}
