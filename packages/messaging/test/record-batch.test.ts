import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeProduce } from '../src/wire/produce-request.ts';
import { encodeRecordBatch, type BatchedRecord } from '../src/wire/record-batch.ts';

// kafkajs' own encoder, unreplaced: this file creates no client.
const require = createRequire(import.meta.url);
const kafkajsRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object;
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (asked: object) => Promise<{ buffer: Buffer }>;
};

const kafkajsProduce = require('kafkajs/src/protocol/requests/produce/v7/request') as (asked: object) => {
  encode: () => Promise<{ buffer: Buffer }>;
};

const head = {
  firstTimestamp: 1_795_570_000_000,
  maxTimestamp: 1_795_570_000_400,
  producerEpoch: 0,
  firstSequence: 0,
  transactional: false,
};

async function byKafkajs(records: readonly BatchedRecord[]): Promise<Buffer> {
  const lastOffsetDelta = records.length - 1;
  return (await RecordBatch({ ...head, lastOffsetDelta, records: records.map(kafkajsRecord) })).buffer;
}

const ours = (records: readonly BatchedRecord[]): Buffer =>
  encodeRecordBatch(records, { ...head, lastOffsetDelta: records.length - 1, producerId: -1n });

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const header = fc.oneof(bytes, text, fc.array(fc.oneof(bytes, text), { maxLength: 3 }));
const anyRecord = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), header, { maxKeys: 8 }),
  timestampDelta: fc.oneof(fc.nat({ max: 500 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
});

describe('a record batch', () => {
  test('equals kafkajs’ encoding of the same records, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 20 }), async (some) => {
        const records = some.map((record, offsetDelta) => ({ ...record, offsetDelta }));
        expect(ours(records).equals(await byKafkajs(records))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('contains its sender in its head', () => {
    const record = { value: Buffer.from('x'), offsetDelta: 0, timestampDelta: 0 };
    const batch = encodeRecordBatch([record], {
      ...head,
      lastOffsetDelta: 0,
      producerId: 2n ** 40n,
      producerEpoch: 7,
      firstSequence: 9,
      transactional: true,
    });
    expect(batch.readInt16BE(21)).toBe(16);
    expect(batch.readBigInt64BE(43)).toBe(2n ** 40n);
    expect(batch.readInt16BE(51)).toBe(7);
    expect(batch.readInt32BE(53)).toBe(9);
  });
});

describe('a produce request', () => {
  const anyMessage = anyRecord.map(({ timestampDelta: _timestampDelta, ...record }) => record);
  const timed = fc.record({
    message: anyMessage,
    at: fc.integer({ min: 1_795_570_000_000, max: 1_795_570_100_000 }),
  });
  const anyTopics = fc.array(
    fc.record({
      topic: fc.stringMatching(/^[a-z.]{1,20}$/),
      partitions: fc.array(
        fc.record({
          partition: fc.nat(9),
          messages: fc.array(
            timed.map(({ message, at }) => ({ ...message, timestamp: String(at) })),
            { minLength: 1, maxLength: 5 },
          ),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  );

  test('equals kafkajs’ encoding, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(anyTopics, fc.constantFrom(-1, 0, 1), async (topicData, acks) => {
        const asked = { acks, timeout: 30_000, topicData };
        const { buffer } = await kafkajsProduce(asked).encode();
        expect(encodeProduce(asked).equals(buffer)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('sets the present time for records without one', () => {
    const body = encodeProduce(
      {
        acks: -1,
        timeout: 1,
        topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: 'x' }] }] }],
      },
      1_795_570_000_123,
    );
    const batchAt = body.length - (61 + 8);
    expect(body.readBigInt64BE(batchAt + 27)).toBe(1_795_570_000_123n);
    expect(body.readBigInt64BE(batchAt + 35)).toBe(1_795_570_000_123n);
  });
});
