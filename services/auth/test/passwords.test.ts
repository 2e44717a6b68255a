import { describe, expect, test } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import { hashPassword, verifyPassword } from '../src/app/passwords.ts';

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
