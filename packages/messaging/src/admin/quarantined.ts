import { newJti, operatorGroups, quarantineOf, quarantineHeaders } from '@tallystick/contracts';
import { claimedPaymentId, claimedType } from '@tallystick/security';
import type { KafkaMessage } from 'kafkajs';
import type { Kafka } from '../kafka.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { OutgoingRecord } from '../publish/record.ts';
import { rangesSince, readRanges } from '../replay/read-ranges.ts';

/** A record in a quarantine, without its content. */
export interface Quarantined {
  offset: string;
  quarantinedAt: string;
  reason: string;
  check: string;
  detail: string | undefined;
  consumer: string;
  /** Topic, partition and offset of the original record. */
  source: string;
  key: string | null;
  /** The type that the record claims. */
  type: string | undefined;
  /** The payment that the record claims to concern. */
  paymentId: string | undefined;
}

const own: ReadonlySet<string> = new Set(Object.values(quarantineHeaders));

/** Reads the quarantined records of a topic, oldest first. @param topic with its prefix */
export async function listQuarantined(kafka: Kafka, topic: string): Promise<Quarantined[]> {
  const found: Quarantined[] = [];
  await readAll(kafka, topic, (message) => {
    const header = (name: string): string | undefined => message.headers?.[name]?.toString();
    found.push({
      offset: message.offset,
      quarantinedAt: new Date(Number(message.timestamp)).toISOString(),
      reason: header(quarantineHeaders.reason) ?? '',
      check: header(quarantineHeaders.check) ?? '',
      detail: header(quarantineHeaders.detail),
      consumer: header(quarantineHeaders.consumer) ?? '',
      source: [
        quarantineHeaders.sourceTopic,
        quarantineHeaders.sourcePartition,
        quarantineHeaders.sourceOffset,
      ]
        .map((name) => header(name))
        .join(' '),
      key: message.key?.toString('utf8') ?? null,
      type: claimedType(message.value),
      paymentId: claimedPaymentId(message.value),
    });
  });
  return found;
}

/**
 * Publishes quarantined records to their topic again, unchanged, after the cause of their failure was fixed. A record
 * that fails again is quarantined again; one that was handled meanwhile has no effect. One that is not kept whole stays.
 * @param offsets in the quarantine
 * @returns the number of published records
 */
export async function releaseQuarantined(
  kafka: Kafka,
  publisher: Publisher,
  topic: string,
  offsets: ReadonlySet<string>,
): Promise<number> {
  const chosen = (await readQuarantined(kafka, topic, offsets)).flatMap((record) =>
    record.released === undefined ? [] : [record.released],
  );
  await publisher.publish(chosen);
  return chosen.length;
}

/** A record of a quarantine with its content. */
export interface QuarantinedContent {
  /** In the quarantine. */
  offset: string;
  /** The record as it is published again; `undefined` if it is not kept whole. */
  released: OutgoingRecord | undefined;
}

/**
 * Reads some records of the quarantine of a topic.
 * @param topic with its prefix
 * @param offsets in the quarantine; those that retention has deleted are left out
 */
export async function readQuarantined(
  kafka: Kafka,
  topic: string,
  offsets: ReadonlySet<string>,
): Promise<QuarantinedContent[]> {
  const found: QuarantinedContent[] = [];
  const wanted = [...offsets].map(BigInt).sort((a, b) => (a < b ? -1 : 1));
  const [first, last] = [wanted[0], wanted.at(-1)];
  if (first === undefined || last === undefined) return found;
  const within = { first, last };
  await readAll(
    kafka,
    topic,
    (message) => {
      if (!offsets.has(message.offset)) return;
      const isWhole = message.headers?.[quarantineHeaders.valueDigest] === undefined;
      found.push({ offset: message.offset, released: isWhole ? releasedOf(topic, message) : undefined });
    },
    within,
  );
  return found;
}

function releasedOf(topic: string, { key, value, headers }: KafkaMessage): OutgoingRecord {
  return {
    id: newJti(),
    topic,
    key,
    value,
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).flatMap(([name, header]) => {
        const first: unknown = Array.isArray(header) ? header[0] : header;
        return Buffer.isBuffer(first) && !own.has(name) ? [[name, first]] : [];
      }),
    ),
  };
}

async function readAll(
  kafka: Kafka,
  topic: string,
  take: (message: KafkaMessage) => void,
  within?: { first: bigint; last: bigint },
): Promise<void> {
  const all = await rangesSince(kafka, [quarantineOf(topic)], 0);
  const ranges = all
    .map((range) =>
      within === undefined
        ? range
        : {
            ...range,
            from: range.from > within.first ? range.from : within.first,
            to: range.to < within.last + 1n ? range.to : within.last + 1n,
          },
    )
    .filter(({ from, to }) => from < to);
  await readRanges(kafka, `${operatorGroups}quarantine`, ranges, (_topic, message) => take(message));
}
