import { record, whereOf, wrong } from './batch-case.ts';
import { batchInputs, signedTree } from './batch-trees.ts';
import type { BatchWorld } from './batch-world.ts';
import type { VectorCase } from './cases.ts';
import { ed25519, merkleTreeHash, rootInput, signatureBytes } from './reference-tree.ts';

/** Builds the cases of defects of a signature part: position and size, path, and number and encoding of its bytes. */
export function batchParts(world: BatchWorld): VectorCase[] {
  return [...places(world), ...paths(world), ...lengths(world)];
}

/** The index and the size, which the root's signature and the path bind. */
function places({ batching }: BatchWorld): VectorCase[] {
  const of3 = signedTree(batchInputs(3, batching), batching);
  const of5 = signedTree(batchInputs(5, batching), batching);
  const of8 = signedTree(batchInputs(8, batching), batching);
  const size0 = { ...of3, rootSignature: ed25519(rootInput(of3.leaves[0]!, 0), batching.keyObject) };
  return [
    wrong('the place of the neighbour', record(of8, 2, { index: 3 }), whereOf(8, 2)),
    wrong('the same place in the other half', record(of8, 2, { index: 6 }), whereOf(8, 2)),
    wrong('a place behind the last', record(of8, 7, { index: 8 }), whereOf(8, 7)),
    wrong('a place at 2^32-1', record(of8, 7, { index: 2 ** 32 - 1 }), whereOf(8, 7)),
    wrong('a size that the path fits too: 4, not 3', record(of3, 0, { size: 4 }), whereOf(3, 0)),
    wrong('a size that the path fits too: 6, not 5', record(of5, 0, { size: 6 }), whereOf(5, 0)),
    wrong('a size too small for the place', record(of5, 4, { size: 4 }), whereOf(5, 4)),
    wrong('a size of 2^32-1', record(of5, 0, { size: 2 ** 32 - 1 }), whereOf(5, 0)),
    wrong('a size of 0', record(of5, 0, { size: 0 }), whereOf(5, 0)),
    wrong('a size of 0, signed as such', record(size0, 0, { size: 0, path: [] }), whereOf(3, 0)),
  ];
}

function paths({ batching }: BatchWorld): VectorCase[] {
  const of5 = signedTree(batchInputs(5, batching), batching);
  const of8 = signedTree(batchInputs(8, batching), batching);
  const path = of8.path(2);
  const last = of5.path(4);
  const zero = Buffer.alloc(32);
  const signedInner = ed25519(rootInput(merkleTreeHash(of8.leaves.slice(0, 4)), 8), batching.keyObject);
  const at2 = (name: string, changed: readonly Buffer[]): VectorCase =>
    wrong(name, record(of8, 2, { path: changed }), whereOf(8, 2));
  const atLast = (name: string, changed: readonly Buffer[]): VectorCase =>
    wrong(name, record(of5, 4, { path: changed }), whereOf(5, 4));
  return [
    at2('no path', []),
    at2('a path that lacks the hash next to the root', path.slice(0, -1)),
    at2('a path that lacks the hash next to the leaf', path.slice(1)),
    at2('a path with a hash too many at its end', [...path, zero]),
    at2('a path with a hash too many at its beginning', [zero, ...path]),
    at2('a path from the root down', path.toReversed()),
    at2("the neighbour's path", of8.path(3)),
    at2('the path of a leaf in the other half', of8.path(6)),
    at2('a path with the leaf itself as its sibling', [of8.leaves[2]!, ...path.slice(1)]),
    at2('a path with the root as its last hash', [...path.slice(0, -1), of8.root]),
    at2(
      'a path of 13 hashes',
      Array.from({ length: 13 }, (_, at) => path[at] ?? zero),
    ),
    wrong(
      'a path that ends at an inner node, which is signed as the root',
      record(of8, 2, { path: path.slice(0, -1), rootSignature: signedInner }),
      whereOf(8, 2),
    ),
    atLast('a last leaf, carried up alone, with itself as a sibling', [of5.leaves[4]!, ...last]),
    atLast('a last leaf, carried up alone, with zeros as siblings', [zero, zero, ...last]),
  ];
}

/** Each byte of the part has its position: none may be missing, extra or encoded differently. */
function lengths({ batching }: BatchWorld): VectorCase[] {
  // The parts of these trees have 104 and 136 bytes, which leaves 2 and 4 unused bits in their last character.
  const of2 = signedTree(batchInputs(2, batching), batching);
  const of4 = signedTree(batchInputs(4, batching), batching);
  const changed = (name: string, change: (part: Buffer) => Buffer): VectorCase =>
    wrong(
      name,
      record(of2, 0, {}, (fields) => change(signatureBytes(fields))),
      whereOf(2, 0),
    );
  const cut = (name: string, bytes: number): VectorCase => changed(name, (part) => part.subarray(0, bytes));
  const extended = (name: string, bytes: number): VectorCase =>
    changed(name, (part) => Buffer.concat([part, Buffer.alloc(bytes)]));
  return [
    cut('cut within the signature of the root', 63),
    cut('the signature of the root alone', 64),
    cut('cut within the place', 66),
    cut('cut behind the place', 68),
    cut('cut behind the size, where a path must follow', 72),
    cut('cut within the path', 103),
    extended('one byte behind the path', 1),
    extended('31 bytes behind the path', 31),
    extended('32 bytes behind the path', 32),
    wrong('the two unused bits of the last character set', otherText(record(of2, 0)), whereOf(2, 0)),
    wrong('the four unused bits of the last character set', otherText(record(of4, 0)), whereOf(4, 0)),
  ];
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Returns a text of the same bytes with the unused bits of the last character set, which no encoder creates. */
function otherText(jws: string): string {
  const changed = jws.slice(0, -1) + ALPHABET[ALPHABET.indexOf(jws.at(-1)!) + 1]!;
  const bytesOf = (text: string): Buffer => Buffer.from(text.split('.')[2] ?? '', 'base64url');
  if (!bytesOf(changed).equals(bytesOf(jws))) throw new Error('this text means other bytes');
  return changed;
}
