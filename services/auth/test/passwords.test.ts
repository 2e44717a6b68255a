import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import { newId } from '@tallystick/contracts';
import * as fc from 'fast-check';
import { hashPassword, verifyPassword } from '../src/app/passwords.ts';
import { loadSeed } from '../src/app/seed.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-passwords-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('a new password (RFC 8264 §4.3, FreeformClass)', () => {
  const faultsIn = async (password: string): Promise<string> => {
    const file = join(directory, 'seed.json');
    const customer = { id: newId('usr'), email: 'ada@example.com', password };
    await writeFile(file, JSON.stringify({ customers: [customer] }), { mode: 0o600 });
    return loadSeed(file).then(
      () => 'none',
      (error: Error) => error.message.slice(`${file}: does not hold a seed: `.length),
    );
  };

  test.each([
    ['NUL', 'battery\0staple', 8],
    ['a tab', 'battery staple\t', 15],
    ['a line feed', '\nbattery staple', 1],
    ['DEL', 'battery\u007fstaple', 8],
    ['a control of Latin-1', 'battery\u0085staple', 8],
    ['half a character', 'battery\ud83dstaple', 8],
    ['a control after a character of two code units', '\u{1f50b}battery\0', 9],
    ['a control after a decomposed letter', 'cafe\u0301 noir\0', 10],
  ])('with %s is refused with the place of the character', async (_name, password, place) => {
    expect(await faultsIn(password)).toBe(
      `/customers/0/password must have no control character: character ${place} is one`,
    );
  });

  test('needs eight characters, however many code units they are', async () => {
    const short = '/customers/0/password must have at least 8 characters';
    expect(await faultsIn('\u{1f50b}'.repeat(7))).toBe(short);
    expect(await faultsIn('e\u0301'.repeat(7))).toBe(short);
    expect(await faultsIn('\u{1f50b}'.repeat(8))).toBe('none');
  });

  test.each([
    'correct horse battery',
    'caf\u00e9\u00a0au\u3000lait',
    '\u043f\u0430\u0440\u043e\u043b\u044c-\u{1f50b}!',
  ])('may have any other character: %s', async (password) => {
    expect(await faultsIn(password)).toBe('none');
  });

  test('that is set in any normalization form signs in typed in any other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 8, maxLength: 20 }),
        fc.constantFrom('NFC', 'NFD'),
        fc.constantFrom('NFC', 'NFD'),
        async (password, set, typed) => {
          const kept = await hashPassword(password.normalize(set));
          expect(await verifyPassword(kept, password.normalize(typed))).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('a password (RFC 8265 §4.2, OpaqueString)', () => {
  const composed = 'caf\u00e9 au lait';
  const decomposed = 'cafe\u0301 au lait';

  test.each([
    ['composed', composed],
    ['decomposed', decomposed],
    ['typed with no-break spaces', composed.replaceAll(' ', '\u00a0')],
  ])('that was set composed or decomposed is the same %s', async (_name, typed) => {
    for (const set of [composed, decomposed])
      expect(await verifyPassword(await hashPassword(set), typed)).toBe(true);
  });

  test('keeps its case, its spaces and its compatibility characters', async () => {
    const kept = await hashPassword(composed);
    for (const typed of [composed.toUpperCase(), `${composed} `, composed.replace(' ', '')])
      expect(await verifyPassword(kept, typed)).toBe(false);
    expect(await verifyPassword(await hashPassword('\ufb01ne'), 'fine')).toBe(false);
  });

  test('is verified as typed against a hash of an earlier release', async () => {
    const earlier = await hash(decomposed);
    expect(await verifyPassword(earlier, decomposed)).toBe(true);
    expect(await verifyPassword(earlier, 'another')).toBe(false);
  });
});
