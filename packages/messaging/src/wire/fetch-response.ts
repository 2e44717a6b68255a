import type { IHeaders, KafkaMessage, RecordBatchEntry } from 'kafkajs';
import { MAGIC, recordBatchAt, recordBatchFlags } from './record-batch-layout.ts';
import { Cursor } from './cursor.ts';

/** The header that gives the reason for an unreadable batch. */
export const UNREAD_BATCH_HEADER = 'tallystick-unread-batch';

/** Decompressed size of one response, after which further batches are left for the next fetch. */
const UNPACKED_BYTES_MAX = 16 * 1_048_576;
/** Approximate memory of a record without its contents. */
const RECORD_BYTES = 500;

/** A fetch response as kafkajs decodes it. */
export interface FetchResponse {
  throttleTime: number;
  clientSideThrottleTime: number;
  errorCode: number;
  sessionId: number;
  responses: { topicName: string; partitions: FetchedPartition[] }[];
}

interface FetchedPartition {
  partition: number;
  errorCode: number;
  highWatermark: string;
  lastStableOffset: string;
  lastStartOffset: string;
  abortedTransactions: { producerId: string; firstOffset: string }[];
  preferredReadReplica: number;
  messages: KafkaMessage[];
}

/** Decodes records in other forms: compressed ones, and those of magic 0 and 1. */
export type DecodeOther = (records: Buffer) => Promise<KafkaMessage[]>;

/**
 * Decodes a fetch response, version 11.
 * https://kafka.apache.org/protocol#The_Messages_Fetch
 */
export async function decodeFetch(bytes: Buffer, decodeOther: DecodeOther): Promise<FetchResponse> {
  const cursor = new Cursor(bytes);
  const head = {
    // The broker did not delay this response; it expects the client to delay its next request.
    throttleTime: 0,
    clientSideThrottleTime: cursor.int32(),
    errorCode: cursor.int16(),
    sessionId: cursor.int32(),
  };
  const room = { bytes: UNPACKED_BYTES_MAX };
  const responses: FetchResponse['responses'] = [];
  for (let topics = cursor.int32(); topics > 0; topics -= 1) {
    const topicName = cursor.text(cursor.int16());
    const partitions: FetchedPartition[] = [];
    for (let count = cursor.int32(); count > 0; count -= 1) {
      const partition = {
        partition: cursor.int32(),
        errorCode: cursor.int16(),
        highWatermark: String(cursor.int64()),
        lastStableOffset: String(cursor.int64()),
        lastStartOffset: String(cursor.int64()),
        abortedTransactions: cursor.list(() => ({
          producerId: String(cursor.int64()),
          firstOffset: String(cursor.int64()),
        })),
        preferredReadReplica: cursor.int32(),
      };
      const records = cursor.bytes(Math.max(0, cursor.int32()));
      partitions.push({ ...partition, messages: await decodeRecords(records, decodeOther, room) });
    }
    responses.push({ topicName, partitions });
  }
  return { ...head, responses };
}

async function decodeRecords(
  records: Buffer,
  decodeOther: DecodeOther,
  room: { bytes: number },
): Promise<KafkaMessage[]> {
  if (records.length <= recordBatchAt.magic) return [];
  if (records[recordBatchAt.magic] !== MAGIC) return decodeOther(records);
  const messages: KafkaMessage[] = [];
  for (const batch of batchesOf(records)) {
    if (isPlain(batch)) {
      decodeBatch(batch, messages);
      continue;
    }
    // Each partition gets at least one batch; the next fetch requests the rest.
    if (messages.length > 0 && room.bytes <= 0) break;
    const unpacked = await decodeOther(batch).catch((error: Error) => [unread(batch, error)]);
    for (const message of unpacked) {
      room.bytes -= (message.key?.length ?? 0) + (message.value?.length ?? 0) + RECORD_BYTES;
      messages.push(message);
    }
  }
  return messages;
}

function isPlain(batch: Buffer): boolean {
  const attributes = batch.readInt16BE(recordBatchAt.attributes);
  return batch[recordBatchAt.magic] === MAGIC && (attributes & recordBatchFlags.compression) === 0;
}

function lengthOf(records: Buffer, at: number): number {
  return Math.max(
    recordBatchAt.records,
    recordBatchAt.leaderEpoch + records.readInt32BE(at + recordBatchAt.length),
  );
}

/** A fetch ends at its size limit: an incomplete last batch is left out. */
function* batchesOf(records: Buffer): Generator<Buffer> {
  for (let at = 0; at + recordBatchAt.records <= records.length;) {
    const end = at + lengthOf(records, at);
    if (end > records.length) return;
    yield records.subarray(at, end);
    at = end;
  }
}

/** Replaces an unreadable batch by one record, which is no envelope and therefore quarantined. */
function unread(batch: Buffer, error: Error): KafkaMessage {
  const batchContext = contextOf(batch);
  const record = {
    key: null,
    value: batch,
    headers: { [UNREAD_BATCH_HEADER]: Buffer.from(error.message) },
    offset: String(batchContext.firstOffset + batch.readInt32BE(recordBatchAt.lastOffsetDelta)),
    timestamp: String(batchContext.firstTimestamp),
    attributes: 0,
    // kafkajs reads this field, although its types omit it.
    batchContext,
  };
  return record;
}

function decodeBatch(batch: Buffer, messages: KafkaMessage[]): void {
  const context = contextOf(batch);
  const cursor = new Cursor(batch, recordBatchAt.records);
  for (let count = batch.readInt32BE(recordBatchAt.count); count > 0; count -= 1) {
    const end = cursor.varint() + cursor.at;
    messages.push(new FetchedRecord(cursor, context));
    cursor.at = end;
  }
}

function contextOf(batch: Buffer): BatchContext {
  const attributes = batch.readInt16BE(recordBatchAt.attributes);
  const has = (flag: number): boolean => (attributes & flag) !== 0;
  return {
    firstOffset: Number(batch.readBigInt64BE(recordBatchAt.firstOffset)),
    firstTimestamp: Number(batch.readBigInt64BE(recordBatchAt.firstTimestamp)),
    appendTimestamp: has(recordBatchFlags.logAppendTime)
      ? batch.readBigInt64BE(recordBatchAt.maxTimestamp)
      : undefined,
    producerId: String(batch.readBigInt64BE(recordBatchAt.producerId)),
    inTransaction: has(recordBatchFlags.transactional),
    isControl: has(recordBatchFlags.control),
  };
}

interface BatchContext {
  firstOffset: number;
  firstTimestamp: number;
  /** The broker's time, if the topic uses it. */
  appendTimestamp: bigint | undefined;
  producerId: string;
  inTransaction: boolean;
  isControl: boolean;
}

/** A record as kafkajs passes it on. Headers are decoded on access, since most records are read for their value only. */
export class FetchedRecord implements RecordBatchEntry {
  readonly magicByte = MAGIC;
  readonly attributes: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly batchContext: BatchContext;
  readonly #timestampDelta: number;
  readonly #record: Buffer;
  readonly #headersAt: number;
  #headers: IHeaders | undefined;

  constructor(cursor: Cursor, batchContext: BatchContext) {
    this.batchContext = batchContext;
    this.attributes = cursor.int8();
    this.#timestampDelta = cursor.varint();
    this.offset = String(batchContext.firstOffset + cursor.varint());
    this.key = cursor.lengthAndBytes();
    this.value = cursor.lengthAndBytes();
    this.#record = cursor.buffer;
    this.#headersAt = cursor.at;
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControl;
  }

  get timestamp(): string {
    const { appendTimestamp, firstTimestamp } = this.batchContext;
    return String(appendTimestamp ?? firstTimestamp + this.#timestampDelta);
  }

  get headers(): IHeaders {
    return (this.#headers ??= this.#readHeaders());
  }

  /** Returns the first non-null value of a header, without decoding the others. */
  header(name: string): Buffer | undefined {
    const cursor = new Cursor(this.#record, this.#headersAt);
    for (let count = cursor.varint(); count > 0; count -= 1) {
      const isIt = cursor.passesText(name);
      const length = cursor.varint();
      if (isIt && length >= 0) return cursor.bytes(length);
      cursor.pass(length);
    }
    return undefined;
  }

  #readHeaders(): IHeaders {
    // Without a prototype, a header name such as __proto__ is like any other.
    const headers = Object.create(null) as Record<string, IHeaders[string] | null>;
    const cursor = new Cursor(this.#record, this.#headersAt);
    for (let count = cursor.varint(); count > 0; count -= 1) {
      const name = cursor.text(cursor.varint());
      const value = cursor.lengthAndBytes();
      const before = headers[name];
      headers[name] = before === undefined ? value : ([before, value].flat() as Buffer[]);
    }
    return headers as IHeaders;
  }
}
