import { beforeAll, describe, expect, test } from '@jest/globals';
import type { JWK } from 'jose';

import { importDecryptionKey, Keyring, open, type DecryptionKey } from '../src/index.ts';
import { nowMs } from './trust.ts';
import { vectorCases, type VectorCase } from './vectors/cases.ts';
import { readVectors } from './vectors/file.ts';
import { vectorWorld } from './vectors/world.ts';

const vectors = readVectors();
const made = await vectorCases(await vectorWorld());

async function outcome(
  { topic, key, value }: VectorCase,
  keyring: Keyring,
  decryptionKeys: readonly DecryptionKey[],
): Promise<unknown> {
  const record = { topic, key, value: value === null ? null : Buffer.from(value) };
  const result = await open(record, { keyring, decryptionKeys, nowMs });
  if (result.ok) return { ok: true, type: result.message.definition.type };
  const { check, code } = result.refusal;
  return { ok: false, check, code };
}

let keyring: Keyring;
let decryptionKeys: DecryptionKey[];
beforeAll(async () => {
  keyring = await Keyring.create({
    trustAnchors: vectors.testTrustAnchors.keys as JWK[],
    now: () => vectors.nowS * 1000,
  });
  for (const record of vectors.keyTopic) await keyring.take(record);
  decryptionKeys = await Promise.all(
    Object.values(vectors.testDecryptionKeys).map((jwk) => importDecryptionKey(jwk as JWK)),
  );
});

describe.each([...new Set(made.map(checkOf))])('%s', (check) => {
  test.each(made.filter((one) => checkOf(one) === check).map((one) => [one.name, one] as const))(
    '%s',
    async (_name, one) => {
      expect(await outcome(one, keyring, decryptionKeys)).toEqual(one.expected);
    },
  );
});

describe('the vectors', () => {
  test('contain the cases of this test with the same expectations', () => {
    const vectorOf = ({ name, topic, key, expected }: VectorCase) => ({ name, topic, key, expected });
    expect(vectors.cases.map((one) => vectorOf(one as VectorCase))).toEqual(made.map(vectorOf));
  });

  test('have the recorded outcomes', async () => {
    for (const one of vectors.cases as VectorCase[]) {
      const actual = await outcome(one, keyring, decryptionKeys);
      expect({ name: one.name, ...(actual as object) }).toEqual({ name: one.name, ...one.expected });
    }
  });
});

function checkOf({ expected }: VectorCase): string {
  return expected.ok ? 'message that passes' : `the check of ${expected.check}`;
}
