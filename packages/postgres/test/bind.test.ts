import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bindMessage, type BindRequest } from '../src/wire/bind.ts';

const { serialize } = createRequire(import.meta.url)('pg-protocol') as {
  serialize: { bind: (request: BindRequest) => Buffer };
};

const bytes = fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some));
const largeBytes = fc.integer({ min: 16_000, max: 17_000 }).map((size) => Buffer.alloc(size, 7));
const value = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 100, maxLength: 20_000 }),
  bytes,
  largeBytes,
);
// Names are C strings.
const name = fc.string().filter((text) => !text.includes('\0'));

describe('a Bind message', () => {
  test("equals pg's own message, byte for byte", () => {
    fc.assert(
      fc.property(
        fc.record({
          portal: name,
          statement: name,
          values: fc.array(value, { maxLength: 6 }),
          binary: fc.boolean(),
        }),
        (request) => {
          expect(Buffer.concat(bindMessage(request)).equals(serialize.bind(request))).toBe(true);
        },
      ),
    );
  });

  test('holds as many values as the protocol allows', () => {
    const values = Array.from({ length: 65_535 }, () => null);
    expect(Buffer.concat(bindMessage({ values })).equals(serialize.bind({ values }))).toBe(true);
  });

  test('maps each value with its index', () => {
    const request: BindRequest = {
      values: ['a', undefined, 7],
      valueMapper: (one, at) => `${String(one)}${at}`,
    };
    expect(Buffer.concat(bindMessage(request)).equals(serialize.bind(request))).toBe(true);
  });

  test('copies no large bytes', () => {
    const large = Buffer.alloc(100_000);
    expect(bindMessage({ values: ['a', large, 'b'] })).toContain(large);
  });
});
