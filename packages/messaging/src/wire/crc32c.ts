import { createRequire } from 'node:module';

/** Computes the CRC-32C of a record batch (RFC 3720 §12.1). */
type Checksum = (bytes: Buffer) => number;

const require = createRequire(import.meta.url);

/** The implementation of kafkajs, in JavaScript. */
export const kafkajsCrc32c = require('kafkajs/src/protocol/recordBatch/crc32C') as Checksum;

/** The native implementation; that of kafkajs where its module is not installed or does not load. */
export const crc32c = load();

function load(): Checksum {
  try {
    return (require('@node-rs/crc32') as { crc32c: Checksum }).crc32c;
  } catch {
    return kafkajsCrc32c;
  }
}
