import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32c, kafkajsCrc32c } from '../src/wire/crc32c.ts';

describe('CRC-32C', () => {
  // RFC 3720 §B.4.
  test.each([
    ['32 bytes of zeroes', Buffer.alloc(32), 0x8a9136aa],
    ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['32 bytes that count up', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
  ])('has the value of RFC 3720 for %s', (_name, bytes, checksum) => {
    expect([crc32c(bytes), kafkajsCrc32c(bytes)]).toEqual([checksum, checksum]);
  });

  test('is the same with and without the native module', () => {
    expect(crc32c).not.toBe(kafkajsCrc32c);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (array) => {
        const bytes = Buffer.from(array);
        expect(kafkajsCrc32c(bytes)).toBe(crc32c(bytes));
      }),
    );
  });
});
