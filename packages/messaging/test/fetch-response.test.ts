import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import {
  decodeFetch,
  FetchedRecord,
  UNREAD_BATCH_HEADER,
  type FetchResponse,
} from '../src/wire/fetch-response.ts';
import { decodeByKafkajs } from '../src/wire/kafkajs-protocol.ts';
import { encodeRecordBatch, type BatchedRecord } from '../src/wire/record-batch.ts';

// kafkajs' own decoder, unreplaced: this file creates no client.
const kafkajs = createRequire(import.meta.url)('kafkajs/src/protocol/requests/fetch/v11/response') as {
  decode: (bytes: Buffer) => Promise<FetchResponse>;
};

const int = (bytes: number, value: number | bigint): Buffer => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeBigInt64BE(BigInt(value));
  else buffer.writeIntBE(Number(value), 0, bytes);
  return buffer;
};
const text = (value: string): Buffer => Buffer.concat([int(2, Buffer.byteLength(value)), Buffer.from(value)]);

interface Partition {
  partition: number;
  offsets: readonly [bigint, bigint, bigint];
  aborted: readonly (readonly [bigint, bigint])[];
  records: Buffer;
}

function answerOf(topics: readonly { topic: string; partitions: readonly Partition[] }[]): Buffer {
  return Buffer.concat([
    int(4, 7),
    int(2, 0),
    int(4, 99),
    int(4, topics.length),
    ...topics.flatMap(({ topic, partitions }) => [
      text(topic),
      int(4, partitions.length),
      ...partitions.flatMap(({ partition, offsets, aborted, records }) => [
        int(4, partition),
        int(2, 0),
        ...offsets.map((offset) => int(8, offset)),
        int(4, aborted.length),
        ...aborted.flat().map((number) => int(8, number)),
        int(4, -1),
        int(4, records.length),
        records,
      ]),
    ]),
  ]);
}

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
// kafkajs finds inherited functions under some names.
const headerName = fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !(name in {}));
const header = fc.oneof(bytes, fc.constant(null), fc.array(bytes, { minLength: 2, maxLength: 3 }));
const anyRecord = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(headerName, header, { maxKeys: 4 }),
  timestampDelta: fc.integer({ min: -1_000, max: 100_000 }),
});
const anyBatch = fc
  .record({
    records: fc.array(anyRecord, { minLength: 1, maxLength: 5 }),
    firstOffset: fc.bigInt({ min: 0n, max: 2n ** 50n }),
    producerId: fc.bigInt({ min: -1n, max: 2n ** 40n }),
    transactional: fc.boolean(),
    flags: fc.constantFrom(0, 0x08, 0x20),
  })
  .map((batch) => batchOf(batch));

function batchOf({
  records,
  firstOffset = 0n,
  producerId = -1n,
  transactional = false,
  flags = 0,
}: {
  records: readonly Omit<BatchedRecord, 'offsetDelta'>[];
  firstOffset?: bigint;
  producerId?: bigint;
  transactional?: boolean;
  flags?: number;
}): Buffer {
  const encoded = encodeRecordBatch(
    records.map((record, offsetDelta) => ({ ...record, offsetDelta })),
    {
      firstTimestamp: 1_795_570_000_000,
      maxTimestamp: 1_795_570_000_400,
      lastOffsetDelta: records.length - 1,
      producerId,
      producerEpoch: 0,
      firstSequence: 0,
      transactional,
    },
  );
  encoded.writeBigInt64BE(firstOffset, 0);
  encoded.writeInt16BE(encoded.readInt16BE(21) | flags, 21);
  return encoded;
}

/** Compresses the same records. */
function compressed(batch: Buffer): Buffer {
  const whole = Buffer.concat([batch.subarray(0, 61), gzipSync(batch.subarray(61))]);
  whole.writeInt32BE(whole.length - 12, 8);
  whole.writeInt16BE(whole.readInt16BE(21) | 1, 21);
  return whole;
}

const seen = (message: KafkaMessage): object => {
  const { batchContext, isControlRecord } = message as unknown as {
    batchContext: { producerId: string; inTransaction: boolean };
    isControlRecord: boolean;
  };
  const { offset, timestamp, key, value, headers } = message;
  const { producerId, inTransaction } = batchContext;
  return { offset, timestamp, key, value, headers, isControlRecord, producerId, inTransaction };
};
const seenAll = ({ responses, ...head }: FetchResponse): object => ({
  ...head,
  responses: responses.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map((partition) => ({ ...partition, messages: partition.messages.map(seen) })),
  })),
});

const answerWith = (records: Buffer): Buffer =>
  answerOf([{ topic: 't', partitions: [{ partition: 0, offsets: [1n, 1n, 0n], aborted: [], records }] }]);
const messagesOf = async (records: Buffer): Promise<KafkaMessage[]> =>
  (await decodeFetch(answerWith(records), decodeByKafkajs)).responses[0]!.partitions[0]!.messages;

describe('a fetch response', () => {
  const int64 = fc.bigInt({ min: -1n, max: 2n ** 62n });
  const anyTopics = fc.array(
    fc.record({
      topic: fc.stringMatching(/^[a-z.]{1,20}$/),
      partitions: fc.array(
        fc.record({
          partition: fc.nat(9),
          offsets: fc.tuple(int64, int64, int64),
          aborted: fc.array(fc.tuple(int64, int64), { maxLength: 2 }),
          records: fc.array(anyBatch, { maxLength: 3 }).map((batches) => Buffer.concat(batches)),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  );

  test('is decoded like by kafkajs', async () => {
    await fc.assert(
      fc.asyncProperty(anyTopics, async (topics) => {
        const answer = answerOf(topics);
        expect(seenAll(await decodeFetch(answer, decodeByKafkajs))).toEqual(
          seenAll(await kafkajs.decode(answer)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('may contain compressed and uncompressed records', async () => {
    const one = batchOf({ records: [{ value: Buffer.from('one'), timestampDelta: 0 }] });
    const two = batchOf({ records: [{ value: Buffer.from('two'), timestampDelta: 0 }], firstOffset: 1n });
    const values = (await messagesOf(Buffer.concat([one, compressed(two)]))).map(({ value }) =>
      String(value),
    );
    expect(values).toEqual(['one', 'two']);
  });

  test('may contain unreadable batches, each of which becomes one record in its place', async () => {
    const batch = (value: string, firstOffset: bigint) =>
      batchOf({
        records: [value, value].map((one) => ({ value: Buffer.from(one), timestampDelta: 0 })),
        firstOffset,
      });
    const inLz4 = batch('three', 4n);
    inLz4.writeInt16BE(3, 21);
    const broken = compressed(batch('four', 6n));
    broken.fill(0xff, 61);
    const records = [batch('one', 0n), compressed(batch('two', 2n)), inLz4, broken, batch('five', 8n)];
    const messages = await messagesOf(Buffer.concat(records));
    expect(messages.map(({ offset, value }) => [offset, value])).toEqual([
      ...[
        ['0', 'one'],
        ['1', 'one'],
        ['2', 'two'],
        ['3', 'two'],
      ].map(([at, text]) => [at, Buffer.from(text!)]),
      ['5', inLz4],
      ['7', broken],
      ['8', Buffer.from('five')],
      ['9', Buffer.from('five')],
    ]);
    expect(messages.map(({ headers }) => String(headers?.[UNREAD_BATCH_HEADER] ?? ''))).toEqual([
      '',
      '',
      '',
      '',
      expect.stringMatching(/LZ4/),
      expect.stringMatching(/header/),
      '',
      '',
    ]);
  });

  test('is decoded partly if it decompresses to more than the limit, and each partition continues', async () => {
    const large = (firstOffset: bigint) =>
      compressed(batchOf({ records: [{ value: Buffer.alloc(1_500_000), timestampDelta: 0 }], firstOffset }));
    const records = Buffer.concat(Array.from({ length: 20 }, (_, at) => large(BigInt(at))));
    const partition = { offsets: [20n, 20n, 0n], aborted: [], records } as const;
    const answer = answerOf([
      { topic: 't', partitions: [0, 1].map((at) => ({ ...partition, partition: at })) },
    ]);
    const [{ partitions } = { partitions: [] }] = (await decodeFetch(answer, decodeByKafkajs)).responses;
    expect(partitions.map(({ messages }) => messages.length)).toEqual([12, 1]);
  });

  test('may end at any point within a batch', async () => {
    const one = batchOf({ records: [{ value: Buffer.from('one'), timestampDelta: 0 }] });
    for (let cut = 0; cut < one.length; cut += 1) {
      const records = Buffer.concat([one, one.subarray(0, cut)]);
      expect(await messagesOf(records)).toHaveLength(1);
    }
  });

  test('keeps headers apart from inherited properties of the same name', async () => {
    const value = Buffer.from('x');
    const headers = JSON.parse('{"__proto__":"x","constructor":"x"}') as Record<string, string>;
    const [message] = await messagesOf(batchOf({ records: [{ value, headers, timestampDelta: 0 }] }));
    expect(Object.entries(message!.headers!)).toEqual([
      ['__proto__', value],
      ['constructor', value],
    ]);
  });

  test('returns a single header as among all headers', async () => {
    const ascii = fc.constantFrom('traceparent', 'tracestate', 'ce_id', 'baggage', 'x', 'constructor');
    const headers = fc.dictionary(fc.oneof(ascii, headerName), header, { maxKeys: 6 });
    await fc.assert(
      fc.asyncProperty(headers, ascii, async (given, name) => {
        const [message] = await messagesOf(
          batchOf({ records: [{ value: null, headers: given, timestampDelta: 0 }] }),
        );
        expect(message).toBeInstanceOf(FetchedRecord);
        const all = message!.headers as Record<string, Buffer | null | (Buffer | null)[] | undefined>;
        const first = [all[name]].flat().find((value) => Buffer.isBuffer(value));
        expect((message as unknown as FetchedRecord).header(name)).toEqual(first);
      }),
    );
  });

  test('is refused if a record ends too early', async () => {
    const batch = batchOf({ records: [{ value: Buffer.alloc(100), timestampDelta: 0 }] });
    // Sets the length of the value beyond the end.
    batch.writeUInt8(0xfe, 67);
    await expect(messagesOf(batch)).rejects.toThrow(RangeError);
  });
});
