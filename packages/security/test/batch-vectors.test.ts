import { BATCH_ALG } from '@tallystick/contracts';
import { verify } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JWK } from 'jose';

import { leafHash, MerkleTree, climb, type Hash } from '../src/envelope/merkle.ts';
import { BATCH_SIZE_MAX } from '../src/envelope/signature.ts';
import { importSigningKey, Keyring, open, sealBatch, type SigningKey } from '../src/index.ts';
import { nowMs } from './trust.ts';
import { batchCases } from './vectors/batch-cases.ts';
import { sealedAtMs, treeSizes, treeVector, unsealed } from './vectors/batch-trees.ts';
import { batchWorld } from './vectors/batch-world.ts';
import type { VectorCase } from './vectors/cases.ts';
import { readBatchVectors } from './vectors/file.ts';

const vectors = readBatchVectors();
const world = await batchWorld();
const made = {
  trees: treeSizes.map((size) => treeVector(size, world.batching)),
  cases: await batchCases(world),
};

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
const hashHex = (hash: Hash | undefined): string => hex(Buffer.from(hash ?? '', 'latin1'));
const hashOf = (text: string): Hash => Buffer.from(text, 'hex').toString('latin1');
const unhex = (text: string): Buffer => Buffer.from(text, 'hex');
const signingInputOf = (value: string): string => value.slice(0, value.lastIndexOf('.'));

let keyring: Keyring;
let batching: SigningKey;
beforeAll(async () => {
  batching = await importSigningKey(vectors.testSigningKeys['batching'] as JWK);
});
/** Each test starts with a new keyring, which remembers no verified roots. */
beforeEach(async () => {
  keyring = await Keyring.create({
    trustAnchors: vectors.testTrustAnchors.keys as JWK[],
    now: () => vectors.nowS * 1000,
  });
  for (const record of vectors.keyTopic) await keyring.take(record);
});

async function outcome({ topic, key, value }: Pick<VectorCase, 'topic' | 'key' | 'value'>): Promise<unknown> {
  const record = { topic, key, value: value === null ? null : Buffer.from(value) };
  const result = await open(record, { keyring, nowMs });
  if (result.ok) return { ok: true, type: result.message.definition.type };
  const { check, code } = result.refusal;
  return { ok: false, check, code };
}

describe.each(vectors.trees.map((tree) => [tree.size, tree] as const))('a batch of %i', (size, tree) => {
  const leaves = tree.records.map(({ leaf }) => hashOf(leaf));

  test('has the recorded leaves, nodes, paths and root', () => {
    const merkle = new MerkleTree(tree.records.map(({ value }) => leafHash(signingInputOf(value))));
    const covering = ({ first, last }: { first: number; last: number }): string =>
      hashHex(new MerkleTree(leaves.slice(first, last + 1)).root);
    expect(tree.records.map(({ value }) => hashHex(leafHash(signingInputOf(value))))).toEqual(
      tree.records.map(({ leaf }) => leaf),
    );
    expect(tree.nodes.map(covering)).toEqual(tree.nodes.map(({ hash }) => hash));
    expect(hashHex(merkle.root)).toBe(tree.root);
    expect(tree.records.map(({ index }) => merkle.path(index).map(hashHex))).toEqual(
      tree.records.map(({ path }) => path),
    );
  });

  test('leads from each leaf to its root', () => {
    for (const { leaf, index, path } of tree.records)
      expect(hashHex(climb(hashOf(leaf), index, size, path.map(hashOf))?.root)).toBe(tree.root);
  });

  test('has its root signed over the recorded bytes', () => {
    const { kty, crv, x } = vectors.testSigningKeys['batching']!;
    expect(
      verify(null, unhex(tree.rootInput), { key: { kty, crv, x }, format: 'jwk' }, unhex(tree.rootSignature)),
    ).toBe(true);
  });

  test('is sealed to these records, byte for byte', async () => {
    const messages = tree.records.map(({ index }) => unsealed(size, index));
    const sealed = await sealBatch(messages, { issuer: 'acme', signingKey: batching, nowMs: sealedAtMs });
    expect(sealed.map(({ key, value }) => ({ key, value }))).toEqual(
      tree.records.map(({ key, value }) => ({ key, value })),
    );
    expect(sealed.map(({ value }) => hex(Buffer.from(value.split('.')[2] ?? '', 'base64url')))).toEqual(
      tree.records.map(({ signaturePart }) => signaturePart),
    );
  });

  test('opens each record alone, and all in reverse order', async () => {
    for (const record of tree.records.toReversed())
      expect(await outcome(record)).toEqual({ ok: true, type: 'payment.create' });
  });
});

describe.each(['a consumer that has seen nothing else', 'a consumer that has seen every good record'])(
  'to %s',
  (who) => {
    test.each(vectors.cases.map((one) => [one.name, one as VectorCase] as const))(
      '%s',
      async (_name, one) => {
        if (who.endsWith('good record')) {
          for (const record of vectors.trees.flatMap(({ records }) => records)) await outcome(record);
        }
        expect(await outcome(one)).toEqual(one.expected);
      },
    );
  },
);

describe('the vectors of batches', () => {
  test('match a new generation from the specification', () => {
    expect(vectors.trees).toEqual(made.trees);
    expect(vectors.cases).toEqual(made.cases);
  });

  test('contain the current algorithm and limit', () => {
    expect(vectors).toMatchObject({ alg: BATCH_ALG, sizeMax: BATCH_SIZE_MAX });
  });

  test('have unique names', () => {
    const names = vectors.cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
