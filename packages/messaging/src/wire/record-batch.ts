import { crc32c } from './crc32c.ts';
import { MAGIC, recordBatchAt, recordBatchFlags } from './record-batch-layout.ts';

/** A record from kafkajs; a header may have several values, which keep their order. */
export interface BatchedRecord {
  key?: Buffer | string | null;
  value: Buffer | string | null;
  headers?: Record<string, HeaderValue | readonly HeaderValue[]>;
  offsetDelta: number;
  /** Milliseconds after the batch's first timestamp. */
  timestampDelta: number;
}

type HeaderValue = Buffer | string | null;

/** Header fields of a batch: times in milliseconds; `producerId` is -1 if the producer is not idempotent. */
export interface BatchHead {
  firstTimestamp: number;
  maxTimestamp: number;
  lastOffsetDelta: number;
  producerId: bigint;
  producerEpoch: number;
  firstSequence: number;
  transactional: boolean;
}

/** Limit of the cache of encoded header names, in case a program uses ever new names. */
const NAMES_MAX = 256;
const names = new Map<string, Buffer>();

/** Encodes records as one batch, uncompressed, in a single buffer of the exact size. */
export function encodeRecordBatch(records: readonly BatchedRecord[], head: BatchHead): Buffer {
  const sized = records.map(sizeOf);
  const total = sized.reduce<number>(
    (sum, { bodyBytes }) => sum + varintBytes(bodyBytes) + bodyBytes,
    recordBatchAt.records,
  );
  const batch = Buffer.allocUnsafe(total);
  batch.writeBigInt64BE(0n, recordBatchAt.firstOffset);
  batch.writeInt32BE(total - recordBatchAt.leaderEpoch, recordBatchAt.length);
  batch.writeInt32BE(0, recordBatchAt.leaderEpoch);
  batch.writeInt8(MAGIC, recordBatchAt.magic);
  batch.writeInt16BE(head.transactional ? recordBatchFlags.transactional : 0, recordBatchAt.attributes);
  batch.writeInt32BE(head.lastOffsetDelta, recordBatchAt.lastOffsetDelta);
  batch.writeBigInt64BE(BigInt(head.firstTimestamp), recordBatchAt.firstTimestamp);
  batch.writeBigInt64BE(BigInt(head.maxTimestamp), recordBatchAt.maxTimestamp);
  batch.writeBigInt64BE(head.producerId, recordBatchAt.producerId);
  batch.writeInt16BE(head.producerEpoch, recordBatchAt.producerEpoch);
  batch.writeInt32BE(head.firstSequence, recordBatchAt.firstSequence);
  batch.writeInt32BE(records.length, recordBatchAt.count);
  let at: number = recordBatchAt.records;
  for (const one of sized) at = writeRecord(batch, at, one);
  batch.writeUInt32BE(crc32c(batch.subarray(recordBatchAt.attributes)), recordBatchAt.crc);
  return batch;
}

interface Sized {
  record: BatchedRecord;
  headers: (readonly [name: Buffer, value: HeaderValue, valueBytes: number])[];
  keyBytes: number;
  valueBytes: number;
  bodyBytes: number;
}

function sizeOf(record: BatchedRecord): Sized {
  const { key = null, value, headers = {}, timestampDelta, offsetDelta } = record;
  const keyBytes = bytesOf(key);
  const valueBytes = bytesOf(value);
  const pairs: Sized['headers'] = [];
  for (const name of Object.keys(headers)) {
    const given = headers[name]!;
    for (const one of isList(given) ? given : [given]) pairs.push([nameOf(name), one, bytesOf(one)]);
  }
  let bodyBytes = 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta) + varintBytes(pairs.length);
  bodyBytes +=
    varintBytes(keyBytes) + Math.max(0, keyBytes) + varintBytes(valueBytes) + Math.max(0, valueBytes);
  for (const [name, , size] of pairs)
    bodyBytes += varintBytes(name.length) + name.length + varintBytes(size) + Math.max(0, size);
  return { record, headers: pairs, keyBytes, valueBytes, bodyBytes };
}

function writeRecord(
  batch: Buffer,
  from: number,
  { record, headers, keyBytes, valueBytes, bodyBytes }: Sized,
): number {
  let at = writeVarint(batch, from, bodyBytes);
  batch[at] = 0;
  at = writeVarint(batch, at + 1, record.timestampDelta);
  at = writeVarint(batch, at, record.offsetDelta);
  at = writeBytes(batch, at, record.key ?? null, keyBytes);
  at = writeBytes(batch, at, record.value, valueBytes);
  at = writeVarint(batch, at, headers.length);
  for (const [name, value, size] of headers) {
    at = writeBytes(batch, at, name, name.length);
    at = writeBytes(batch, at, value, size);
  }
  return at;
}

/** @param size length of `bytes` in UTF-8; -1 for `null` */
function writeBytes(batch: Buffer, from: number, bytes: Buffer | string | null, size: number): number {
  const at = writeVarint(batch, from, size);
  if (bytes === null) return at;
  if (typeof bytes === 'string') batch.write(bytes, at, size, 'utf8');
  else batch.set(bytes, at);
  return at + Math.max(0, size);
}

/** Writes an integer of up to 53 bits: zigzag, then seven bits per byte, the lowest first. */
function writeVarint(batch: Buffer, from: number, value: number): number {
  let rest = zigzag(value);
  let at = from;
  while (rest > 127) {
    batch[at] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
    at += 1;
  }
  batch[at] = rest;
  return at + 1;
}

function varintBytes(value: number): number {
  let rest = zigzag(value);
  let bytes = 1;
  while (rest > 127) {
    rest = Math.floor(rest / 128);
    bytes += 1;
  }
  return bytes;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function bytesOf(bytes: Buffer | string | null): number {
  if (bytes === null) return -1;
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
}

function nameOf(name: string): Buffer {
  const known = names.get(name);
  if (known !== undefined) return known;
  const encoded = Buffer.from(name);
  if (names.size < NAMES_MAX) names.set(name, encoded);
  return encoded;
}

function isList(value: HeaderValue | readonly HeaderValue[]): value is readonly HeaderValue[] {
  return Array.isArray(value);
}
