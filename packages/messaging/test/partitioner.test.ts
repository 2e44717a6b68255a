import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { murmur2, partitioner } from '../src/publish/partitioner.ts';

const kafkajs = createRequire(import.meta.url)('kafkajs/src/producer/partitioners/default/murmur2') as (
  key: Buffer,
) => number;

describe('the hash of a key', () => {
  // From the tests of the Java client (UtilsTest.testMurmur2).
  it.each([
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])('of %s equals that of Java clients', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  it('of any bytes equals that of kafkajs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(murmur2(bytes)).toBe(kafkajs(Buffer.from(bytes)));
      }),
    );
  });
});

describe('the partition of a record', () => {
  const partitionMetadata = [0, 1, 2].map((partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
  const choose = (message: { key?: Buffer | string | null; partition?: number }): number =>
    partitioner()({ topic: 'x', partitionMetadata, message: { value: null, ...message } });

  it('is the requested one', () => {
    expect(choose({ key: 'foobar', partition: 2 })).toBe(2);
  });

  it('depends on the key, bytes or text', () => {
    expect(choose({ key: 'foobar' })).toBe((-790_332_482 & 0x7fffffff) % 3);
    expect(choose({ key: Buffer.from('foobar') })).toBe(choose({ key: 'foobar' }));
  });

  it('is each partition in turn without a key', () => {
    const next = partitioner();
    const chosen = [1, 2, 3].map(() => next({ topic: 'x', partitionMetadata, message: { value: null } }));
    expect(new Set(chosen)).toEqual(new Set([0, 1, 2]));
  });
});
