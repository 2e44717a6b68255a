import { encodeRecordBatch, type BatchedRecord } from './record-batch.ts';

/** A record to produce; `timestamp` is in milliseconds and defaults to the current time. */
export type ProducedRecord = Omit<BatchedRecord, 'offsetDelta' | 'timestampDelta'> & {
  timestamp?: number | string | null;
};

/** The arguments of kafkajs' produce request. */
export interface ProduceRequest {
  acks: number;
  timeout: number;
  transactionalId?: string | null;
  producerId?: { toString(): string };
  producerEpoch?: number;
  topicData: readonly {
    topic: string;
    partitions: readonly { partition: number; firstSequence?: number; messages: readonly ProducedRecord[] }[];
  }[];
}

/**
 * Encodes the body of a produce request, versions 3 to 8.
 * https://kafka.apache.org/protocol#The_Messages_Produce
 * @param nowMs the time of records without a timestamp
 */
export function encodeProduce(request: ProduceRequest, nowMs = Date.now()): Buffer {
  const { acks, timeout, transactionalId = null, topicData } = request;
  const parts: Buffer[] = [string(transactionalId), int16(acks), int32(timeout), int32(topicData.length)];
  for (const { topic, partitions } of topicData) {
    parts.push(string(topic), int32(partitions.length));
    for (const { partition, messages, firstSequence = 0 } of partitions) {
      const batch = batchOf(messages, { ...request, firstSequence }, nowMs);
      parts.push(int32(partition), int32(batch.length), batch);
    }
  }
  return Buffer.concat(parts);
}

function batchOf(
  messages: readonly ProducedRecord[],
  {
    producerId = -1,
    producerEpoch = 0,
    firstSequence,
    transactionalId,
  }: ProduceRequest & { firstSequence: number },
  nowMs: number,
): Buffer {
  let firstTimestamp = Infinity;
  let maxTimestamp = -Infinity;
  for (const { timestamp } of messages) {
    if (timestamp === undefined || timestamp === null) continue;
    firstTimestamp = Math.min(firstTimestamp, Number(timestamp));
    maxTimestamp = Math.max(maxTimestamp, Number(timestamp));
  }
  if (firstTimestamp === Infinity) firstTimestamp = maxTimestamp = nowMs;
  const records = messages.map(({ timestamp, ...record }, offsetDelta) => ({
    ...record,
    offsetDelta,
    timestampDelta: Number(timestamp ?? nowMs) - firstTimestamp,
  }));
  return encodeRecordBatch(records, {
    firstTimestamp,
    maxTimestamp,
    lastOffsetDelta: records.length - 1,
    producerId: BigInt(producerId.toString()),
    producerEpoch,
    firstSequence,
    transactional: transactionalId !== undefined && transactionalId !== null,
  });
}

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Encodes the length in two bytes, then the string; `null` has length -1. */
function string(value: string | null): Buffer {
  if (value === null) return int16(-1);
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}
