/**
 * Has kafkajs encode what it produces by {@link encodeRecordBatch}. Its own way makes a zeroed buffer for each header,
 * copies every value five times and takes the checksum byte by byte: a third of a busy service's time. It offers no
 * place to say so, and its version is fixed, so two of its modules are replaced before it first needs them.
 */
import Module, { createRequire } from 'node:module';
import { encodeRecordBatch, type BatchedRecord } from './record-batch.ts';

const require = createRequire(import.meta.url);

/** A 64-bit number of kafkajs' own. */
interface Long {
  toString(): string;
}

/** What kafkajs asks a record batch to be made of. */
interface Asked {
  compression?: number;
  records: readonly BatchedRecord[];
  firstTimestamp: number;
  maxTimestamp: number;
  producerId: Long | number;
  producerEpoch: number;
  firstSequence?: number;
  transactional: boolean;
  lastOffsetDelta: number;
}

/** As much of kafkajs' encoder as those who are handed one use. */
interface Encoded {
  buf: Buffer;
  buffer: Buffer;
  size(): number;
}

interface Encoder {
  buf: Buffer;
  offset: number;
  ensureAvailable(bytes: number): void;
}

const PROTOCOL = 'kafkajs/src/protocol';

/** The codec for none; Tallystick's records are signed text, which does not compress. */
const UNCOMPRESSED = 0;

async function recordBatch(asked: Asked): Promise<Encoded> {
  const { compression = UNCOMPRESSED, records, producerId, firstSequence = 0, ...head } = asked;
  if (compression !== UNCOMPRESSED) throw new Error('records are sent uncompressed');
  const buf = encodeRecordBatch(records, {
    ...head,
    firstSequence,
    producerId: BigInt(producerId.toString()),
  });
  return { buf, buffer: buf, size: () => buf.length };
}

/** Replaces what kafkajs encodes records by. Does so once; must come before the first message is produced. */
export function useOwnEncoding(): void {
  replace(`${PROTOCOL}/recordBatch/record/v0`, (record: BatchedRecord) => record);
  (require(`${PROTOCOL}/recordBatch/v0`) as { RecordBatch: typeof recordBatch }).RecordBatch = recordBatch;
  const { prototype } = require(`${PROTOCOL}/encoder`) as { prototype: Encoder };
  // What it makes room for is written at once: nothing of an older content can be sent.
  prototype.ensureAvailable = function ensureAvailable(this: Encoder, bytes: number): void {
    const needed = this.offset + bytes;
    if (needed <= this.buf.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.buf.length));
    this.buf.copy(larger, 0, 0, this.offset);
    this.buf = larger;
  };
}

/** Puts a module in place of one that nobody has loaded: whoever loads it, and whoever watches, then gets this one. */
function replace(name: string, exports: unknown): void {
  const filename = require.resolve(name);
  const module = new Module(filename);
  Object.assign(module, { filename, loaded: true, exports });
  require.cache[filename] = module;
}
