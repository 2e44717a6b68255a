import type { IHeaders, KafkaMessage, RecordBatchEntry } from 'kafkajs';
import { MAGIC, recordBatchAt, recordBatchFlags } from './record-batch-layout.ts';

/** Names why a whole batch stands where a record would. */
export const UNREAD_BATCH_HEADER = 'tallystick-unread-batch';

/** What compressed batches of one answer may unpack to, before the next is left out. */
const UNPACKED_BYTES_MAX = 16 * 1_048_576;
/** What a record takes in memory beside its contents, about. */
const RECORD_BYTES = 500;

/** What kafkajs makes of a broker's answer to a fetch request. */
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

/** Decodes records in a form that is not decoded here: those that were compressed, or written by the first brokers. */
export type DecodeOther = (records: Buffer) => Promise<KafkaMessage[]>;

/**
 * Decodes the answer to a fetch request, version 11.
 * https://kafka.apache.org/protocol#The_Messages_Fetch
 */
export async function decodeFetch(bytes: Buffer, decodeOther: DecodeOther): Promise<FetchResponse> {
  const cursor = new Cursor(bytes);
  const head = {
    // The broker has not slowed this answer down, and expects the next question to wait.
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
    // A partition gets one batch at least; what an answer leaves out is asked for again.
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

/** A fetch is cut where it is long enough: a last one in part is left out. */
function* batchesOf(records: Buffer): Generator<Buffer> {
  for (let at = 0; at + recordBatchAt.records <= records.length;) {
    const end = at + lengthOf(records, at);
    if (end > records.length) return;
    yield records.subarray(at, end);
    at = end;
  }
}

/** A batch that cannot be read, as one record in the place of all its records: no envelope, so it is set aside. */
function unread(batch: Buffer, error: Error): KafkaMessage {
  const batchContext = contextOf(batch);
  const record = {
    key: null,
    value: batch,
    headers: { [UNREAD_BATCH_HEADER]: Buffer.from(error.message) },
    offset: String(batchContext.firstOffset + batch.readInt32BE(recordBatchAt.lastOffsetDelta)),
    timestamp: String(batchContext.firstTimestamp),
    attributes: 0,
    // kafkajs looks at it, and does not say so.
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
  /** Where the broker's time counts. */
  appendTimestamp: bigint | undefined;
  producerId: string;
  inTransaction: boolean;
  isControl: boolean;
}

/** A record as kafkajs hands it on. Most are read for their value alone, so the rest is made when it is asked for. */
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

  /** The first value of one header that has bytes, without making the others. */
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
    // Without a prototype a name is like any other, whatever it is in JavaScript.
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

/** Reads on from where it stands. */
class Cursor {
  readonly buffer: Buffer;
  at: number;

  constructor(buffer: Buffer, at = 0) {
    this.buffer = buffer;
    this.at = at;
  }

  int8(): number {
    return this.buffer.readInt8(this.pass(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.pass(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.pass(4));
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.pass(8));
  }

  /** Zigzag, seven bits a byte, the lowest first: whole numbers of up to 53 bits. */
  varint(): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = this.buffer[this.at];
      if (byte === undefined) throw new RangeError('a record ends within a number');
      this.at += 1;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      unit *= 128;
    }
  }

  /** @returns a view of these bytes */
  bytes(length: number): Buffer {
    const from = this.pass(length);
    if (this.at > this.buffer.length) throw new RangeError('a record ends within its bytes');
    return this.buffer.subarray(from, this.at);
  }

  /** A length, then so many bytes; a negative length says that there are none. */
  lengthAndBytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.bytes(length);
  }

  /**
   * Goes past a text with its length.
   * @returns whether it is this one, which is ASCII
   */
  passesText(ascii: string): boolean {
    const length = this.varint();
    const from = this.pass(length);
    return length === ascii.length && this.buffer.toString('latin1', from, this.at) === ascii;
  }

  text(length: number): string {
    return this.bytes(Math.max(0, length)).toString('utf8');
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read);
  }

  /**
   * Goes past so many bytes; a negative length says that there are none.
   * @returns where they begin
   */
  pass(length: number): number {
    const from = this.at;
    this.at += Math.max(0, length);
    return from;
  }
}
