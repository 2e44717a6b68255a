import { randomInt } from 'node:crypto';
import type { ICustomPartitioner } from 'kafkajs';

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/**
 * Returns the hash by which Kafka's clients choose a partition: MurmurHash2, 32 bits, little endian, with Kafka's
 * seed.
 * @returns a signed integer of 32 bits
 */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  let hash = SEED ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  if (at < length) {
    for (let rest = length - 1; rest >= at; rest -= 1) hash ^= bytes[rest]! << (8 * (rest - at));
    hash = Math.imul(hash, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/**
 * Sends each key to the partition that Java clients choose, and records without a key to all in turn. kafkajs' own
 * partitioner creates an object for each step of the hash, a tenth of all allocations of a busy service.
 */
export const partitioner: ICustomPartitioner = () => {
  let turn = randomInt(2 ** 31);
  return ({ partitionMetadata, message: { key, partition } }) => {
    if (partition !== undefined && partition !== null) return partition;
    const count = partitionMetadata.length;
    if (key !== undefined && key !== null)
      return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % count;
    turn = (turn + 1) % 2 ** 31;
    return turn % count;
  };
};
