import { randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { newDataKey, UnwrapError, unwrapKey, wrapKey, wrapperOf, type KeySet } from '../src/index.ts';

const keks: KeySet = { current: 'kek-2', keys: { 'kek-1': randomBytes(32), 'kek-2': randomBytes(32) } };
const name = { purpose: 'encryption', keyId: '2026-11-24-0a1b2c3d' } as const;
const key = randomBytes(32);

describe('a wrapped data key', () => {
  test('is wrapped by the current key-encryption key, and unwrapped by that one also when it is an older one', () => {
    const wrapped = wrapKey(keks, name, key);
    expect(wrapperOf(wrapped)).toBe('kek-2');
    expect(unwrapKey(keks, name, wrapped)).toEqual(key);
    expect(unwrapKey({ ...keks, current: 'kek-1' }, name, wrapped)).toEqual(key);
    expect(wrapped.includes(key)).toBe(false);
  });

  test.each([
    ['id', { ...name, keyId: '2026-11-24-ffffffff' }],
    ['purpose', { ...name, purpose: 'fingerprint' as const }],
  ])('is refused under another %s', (_name, other) => {
    expect(() => unwrapKey(keks, other, wrapKey(keks, name, key))).toThrow(UnwrapError);
  });

  test('is refused with any changed bit', () => {
    const wrapped = wrapKey(keks, name, key);
    fc.assert(
      fc.property(fc.nat(wrapped.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(wrapped);
        changed[at]! ^= 1 << bit;
        expect(() => unwrapKey(keks, name, changed)).toThrow(UnwrapError);
      }),
    );
  });

  test.each([
    ['absent', { current: 'kek-1', keys: { 'kek-1': randomBytes(32) } }, /kek-2, which is absent/],
    [
      'another one of its id',
      { current: 'kek-2', keys: { 'kek-2': randomBytes(32) } },
      /cannot be unwrapped/,
    ],
  ])('names the key-encryption key that is %s, and no key', (_name, others, message) => {
    const wrapped = wrapKey(keks, name, key);
    expect(() => unwrapKey(others, name, wrapped)).toThrow(message);
    expect(() => unwrapKey(others, name, wrapped)).toThrow(name.keyId);
  });
});

describe('a new data key', () => {
  test('is random, and its id tells its day', () => {
    const [one, two] = [newDataKey(Date.UTC(2026, 10, 24)), newDataKey(Date.UTC(2026, 10, 24))];
    expect(one.keyId).toMatch(/^2026-11-24-[0-9a-f]{8}$/);
    expect(one.keyId).not.toBe(two.keyId);
    expect(one.key).toHaveLength(32);
    expect(one.key.equals(two.key)).toBe(false);
  });
});
