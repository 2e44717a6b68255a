import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  decryptField,
  encryptField,
  fingerprint,
  fingerprintsOf,
  loadFieldKeys,
  loadKeyEncryptionKeys,
  type KeySet,
} from '../src/index.ts';

const keys: KeySet = { current: 'k2', keys: { k1: randomBytes(32), k2: randomBytes(32) } };
const place = { table: 'card', column: 'number', rowId: 'crd_1' };
const number = '4111111111111111';

describe('an encrypted field', () => {
  test('decrypts any text in its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decryptField(keys, encryptField(keys, text, place), place)).toBe(text);
      }),
    );
  });

  test('differs each time and reveals nothing of the text', () => {
    const [one, two] = [encryptField(keys, number, place), encryptField(keys, number, place)];
    expect(one.equals(two)).toBe(false);
    expect(one.toString('latin1')).not.toContain(number);
  });

  test.each([
    ['row', { ...place, rowId: 'crd_2' }],
    ['column', { ...place, column: 'name' }],
    ['table', { ...place, table: 'customer' }],
    ['place that reads the same when joined', { table: 'card\0number', column: 'crd_1', rowId: '' }],
  ])('does not decrypt in another %s', (_name, other) => {
    expect(() => decryptField(keys, encryptField(keys, number, place), other)).toThrow();
  });

  test('does not decrypt with any changed bit', () => {
    const good = encryptField(keys, number, place);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(good);
        changed[at]! ^= 1 << bit;
        expect(() => decryptField(keys, changed, place)).toThrow();
      }),
    );
  });

  test('does not decrypt if it is truncated or noise', () => {
    const good = encryptField(keys, number, place);
    fc.assert(
      fc.property(fc.nat(good.length - 1), (length) => {
        expect(() => decryptField(keys, good.subarray(0, length), place)).toThrow();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
        expect(() => decryptField(keys, Buffer.from(noise), place)).toThrow();
      }),
    );
  });
});

describe('rotation of field keys', () => {
  const rotated = (current: string): KeySet => ({ ...keys, current });

  test('encrypts with the current key and still decrypts values of an older one', () => {
    const old = encryptField(rotated('k1'), number, place);
    expect(decryptField(rotated('k2'), old, place)).toBe(number);
  });

  test('cannot decrypt values of a removed key', () => {
    const old = encryptField(rotated('k1'), number, place);
    const { k1: _gone, ...left } = keys.keys;
    expect(() => decryptField({ ...keys, keys: left }, old, place)).toThrow(/not among the field keys/);
  });
});

describe('a fingerprint', () => {
  test('is equal for the same value and purpose, and found under every live key after a rotation', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (purpose, value) => {
        const first = fingerprint({ ...keys, current: 'k1' }, purpose, value);
        expect(fingerprint({ ...keys, current: 'k1' }, purpose, value)).toEqual(first);
        expect(first.keyId).toBe('k1');
        expect(fingerprintsOf(keys, purpose, value)).toEqual([
          first.value,
          fingerprint(keys, purpose, value).value,
        ]);
      }),
    );
  });

  test('differs by value, by purpose and by key', () => {
    const others = [
      fingerprint(keys, 'card.number', '4111111111111112'),
      fingerprint(keys, 'card.token', number),
      fingerprint({ ...keys, current: 'k1' }, 'card.number', number),
    ];
    const one = fingerprint(keys, 'card.number', number);
    expect(others.filter(({ value }) => value.equals(one.value))).toEqual([]);
  });
});

describe.each([
  ['field keys', 'encryption', loadFieldKeys],
  ['key-encryption keys', 'keys', loadKeyEncryptionKeys],
])('the file of %s', (_file, member, read) => {
  const directory = mkdtempSync(join(tmpdir(), 'field-keys-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = (content: unknown, mode = 0o600): string => {
    const path = join(directory, `${randomBytes(4).toString('hex')}.json`);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), { mode });
    return path;
  };
  const key = randomBytes(32).toString('base64url');
  const content = {
    current: 'k1',
    [member]: { k1: key },
    ...(member === 'encryption' && { fingerprint: key }),
  };

  test('is read', async () => {
    expect(JSON.stringify(await read(file(content)))).toContain('"current":"k1"');
  });

  test.each([
    ['names no key as current', { ...content, current: 'k9' }],
    ['has a key of another length', { ...content, [member]: { k1: 'c2hvcnQ' } }],
    ['has a field too many', { ...content, extra: 1 }],
    ['is not JSON', 'keys'],
  ])('is refused with its name and without its content if it %s', async (_name, wrong) => {
    const path = file(wrong);
    const error = (await read(path).catch((fault: unknown) => fault)) as Error;
    expect(error).toMatchObject({ name: 'ConfigurationError', exitCode: 2 });
    expect(error.message).toContain(path);
    expect(error.message).not.toContain(key);
  });

  test('is refused if other users may read it or it is absent', async () => {
    await expect(read(file(content, 0o644))).rejects.toThrow(/chmod 600/);
    await expect(read(join(directory, 'absent.json'))).rejects.toThrow(/ENOENT/);
  });
});
