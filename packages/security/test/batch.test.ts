import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { messages, newId } from '@tallystick/contracts';
import fc from 'fast-check';

import { climb, KnownNodes, leafHash, MerkleTree, type Hash } from '../src/envelope/merkle.ts';
import { open, sealBatch, type Keyring, type SealedEnvelope, type Unsealed } from '../src/index.ts';
import { flipBit } from './raw-jws.ts';
import { keyringOf, nowMs } from './trust.ts';
import { command, order } from './vectors/messages.ts';
import { merkleTreeHash } from './vectors/reference-tree.ts';
import { vectorWorld, type World } from './vectors/world.ts';

const leaves = (size: number): Hash[] => Array.from({ length: size }, (_, at) => leafHash(`leaf ${at}`));

describe('the Merkle tree (RFC 9162 §2.1)', () => {
  test('hashes a leaf of any size, in one piece or in several', () => {
    const pieces = ['a'.repeat(10_000), 'b'.repeat(20_000), 'c'];
    const whole = pieces.join('');
    const expected = createHash('sha256')
      .update(Buffer.concat([Buffer.from([0]), Buffer.from(whole)]))
      .digest('binary');
    expect(leafHash(...pieces)).toBe(expected);
    expect(leafHash(whole)).toBe(expected);
  });

  test.each([
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('has the root that Certificate Transparency’s own vectors have for %i leaves', (size, root) => {
    const hex = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const hashes = hex.slice(0, size).map((text) => leafHash(Buffer.from(text, 'hex').toString('latin1')));
    expect(Buffer.from(new MerkleTree(hashes).root, 'latin1').toString('hex')).toBe(root);
  });

  test('is that of the recursive definition, for any size', () => {
    for (let size = 1; size <= 130; size += 1)
      expect(new MerkleTree(leaves(size)).root).toBe(
        merkleTreeHash(leaves(size).map((leaf) => Buffer.from(leaf, 'latin1'))).toString('latin1'),
      );
  });

  test('proves each of its leaves only at its position', () => {
    const anyLeaf = fc
      .integer({ min: 1, max: 300 })
      .chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(size - 1)));
    fc.assert(
      fc.property(anyLeaf, ([size, index, other]) => {
        const hashes = leaves(size);
        const tree = new MerkleTree(hashes);
        const path = tree.path(index);
        expect(climb(hashes[index]!, index, size, path)?.root).toEqual(tree.root);
        if (other === index) return;
        expect(climb(hashes[other]!, index, size, path)?.root).not.toEqual(tree.root);
        expect(climb(hashes[index]!, other, size, path)?.root).not.toEqual(tree.root);
      }),
    );
  });

  test('refuses a path that is too short or too long, or a position outside', () => {
    const hashes = leaves(5);
    const tree = new MerkleTree(hashes);
    const path = tree.path(0);
    expect(climb(hashes[0]!, 0, 5, path.slice(0, -1))).toBeUndefined();
    expect(climb(hashes[0]!, 0, 5, [...path, hashes[1]!])).toBeUndefined();
    expect(climb(hashes[0]!, 5, 5, path)).toBeUndefined();
  });
});

describe('the known nodes of a tree', () => {
  const anyProofs = fc.integer({ min: 1, max: 40 }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      proofs: fc.array(
        fc.record({
          leafOf: fc.nat(size - 1),
          pathOf: fc.nat(size - 1),
          index: fc.nat(size),
          wrongAt: fc.option(fc.nat(6)),
          added: fc.integer({ min: -1, max: 1 }),
        }),
        { minLength: 1, maxLength: 30 },
      ),
    }),
  );

  test('do not change the result for valid and invalid proofs', () => {
    fc.assert(
      fc.property(anyProofs, ({ size, proofs }) => {
        const hashes = leaves(size);
        const tree = new MerkleTree(hashes);
        const known = new KnownNodes(climb(hashes[0]!, 0, size, tree.path(0))!.nodes);
        const honest = hashes.map((leaf, index) => ({ leaf, index, path: tree.path(index) }));
        const bent = proofs.map(({ leafOf, pathOf, index, wrongAt, added }) => {
          const path = tree.path(pathOf).map((hash, at) => (at === wrongAt ? leafHash(hash) : hash));
          if (added < 0) path.pop();
          if (added > 0) path.push(hashes[0]!);
          return { leaf: hashes[leafOf]!, index, path };
        });
        for (const { leaf, index, path } of [...bent, ...honest, ...bent]) {
          const alone = climb(leaf, index, size, path)?.root;
          const climbed = climb(leaf, index, size, path, known);
          expect(climbed?.root).toBe(alone === tree.root ? tree.root : undefined);
          if (climbed !== undefined) known.add(climbed.nodes);
        }
      }),
    );
  });
});

describe('messages under one signature', () => {
  let world: World;
  let keyring: Keyring;
  beforeAll(async () => {
    world = await vectorWorld();
    ({ keyring } = await keyringOf(world.registrar, world.keyTopic));
  });

  const batch = (size: number): Promise<SealedEnvelope[]> =>
    sealBatch(
      Array.from({ length: size }, (): Unsealed => {
        const data = { ...order, paymentId: newId('pay'), amountMinor: 5n, capture: 'manual' };
        return {
          definition: messages.paymentCreate,
          data,
          options: { topic: command.aud, version: command.version },
        };
      }),
      { issuer: 'acme', signingKey: world.batching, nowMs },
    );
  const opened = ({ key, value }: { key: string; value: string }, ring = keyring) =>
    open({ topic: command.aud, key, value: Buffer.from(value) }, { keyring: ring, nowMs });

  test('verify separately, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.infiniteStream(fc.nat()), async (size, picks) => {
        const envelopes = await batch(size);
        const { keyring: fresh } = await keyringOf(world.registrar, world.keyTopic);
        const shuffled = [...envelopes];
        for (let at = shuffled.length - 1; at > 0; at -= 1) {
          const other = Number(picks.next().value) % (at + 1);
          [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
        }
        for (const envelope of shuffled) {
          expect(await opened(envelope, fresh)).toMatchObject({
            ok: true,
            message: { claims: { sub: envelope.key } },
          });
        }
      }),
      { numRuns: 12 },
    );
  });

  test('above the size of a tree have more than one signature', async () => {
    const envelopes = await batch(4_100);
    const roots = new Set(
      envelopes.map(({ value }) =>
        Buffer.from(value.split('.')[2] ?? '', 'base64url').toString('hex', 0, 64),
      ),
    );
    expect(roots.size).toBe(2);
    expect((await opened(envelopes[4_095]!)).ok).toBe(true);
    expect((await opened(envelopes[4_096]!)).ok).toBe(true);
  });

  test('fail with any changed bit in the signature part, before or after the valid one was seen', async () => {
    const [envelope] = await batch(9);
    const signatureBytes = Buffer.from(envelope!.value.split('.')[2] ?? '', 'base64url').length;
    for (const seen of [false, true]) {
      if (seen) expect((await opened(envelope!)).ok).toBe(true);
      for (let byte = 0; byte < signatureBytes; byte += 1) {
        const changed = { key: envelope!.key, value: flipBit(envelope!.value, 2, byte) };
        expect(await opened(changed)).toMatchObject({ refusal: { code: 'envelope.signature_invalid' } });
      }
    }
  });

  test('verify even if an invalid one under the same signature came earlier or concurrently', async () => {
    const envelopes = await batch(20);
    const { keyring: fresh } = await keyringOf(world.registrar, world.keyTopic);
    const wrong = { key: envelopes[0]!.key, value: flipBit(envelopes[0]!.value, 1, 40) };
    const misled = { key: envelopes[1]!.key, value: flipBit(envelopes[1]!.value, 2, 80) };
    const results = await Promise.all(
      [misled, wrong, ...envelopes, misled].map((envelope) => opened(envelope, fresh)),
    );
    expect(results.map(({ ok }) => ok)).toEqual([false, false, ...envelopes.map(() => true), false]);
  });

  test('are refused once their key is revoked, even if their root was verified', async () => {
    const { registrar, batching } = world;
    const active = await registrar.certify(batching.publicJwk, { batch: true });
    const { keyring: ring } = await keyringOf(registrar, [
      registrar.certificate,
      active,
      await registrar.snapshot(1, [active]),
    ]);
    const [first, second] = await batch(2);
    expect((await opened(first!, ring)).ok).toBe(true);
    const revoked = await registrar.certify(batching.publicJwk, { batch: true, status: 'revoked' });
    await ring.take(revoked);
    await ring.take(await registrar.snapshot(2, [revoked]));
    expect(await opened(second!, ring)).toMatchObject({ refusal: { code: 'envelope.key_revoked' } });
  });
});
