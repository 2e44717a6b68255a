import { newJti, operatorGroups, quarantineOf, quarantineHeaders } from '@tallystick/contracts';
import { claimedPaymentId, claimedType } from '@tallystick/security';
import type { KafkaMessage } from 'kafkajs';
import type { Kafka } from '../kafka.ts';
import type { Publisher } from '../publish/publisher.ts';
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
  const chosen: KafkaMessage[] = [];
  await readAll(kafka, topic, (message) => {
    const isWhole = message.headers?.[quarantineHeaders.valueDigest] === undefined;
    if (offsets.has(message.offset) && isWhole) chosen.push(message);
  });
  await publisher.publish(
    chosen.map(({ key, value, headers }) => ({
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
    })),
  );
  return chosen.length;
}

async function readAll(kafka: Kafka, topic: string, take: (message: KafkaMessage) => void): Promise<void> {
  const ranges = await rangesSince(kafka, [quarantineOf(topic)], 0);
  await readRanges(kafka, `${operatorGroups}quarantine`, ranges, (_topic, message) => take(message));
}
