import { record, whereOf, wrong } from './batch-case.ts';
import { batchInputs, signedTree } from './batch-trees.ts';
import type { BatchWorld } from './batch-world.ts';
import type { VectorCase } from './cases.ts';
import {
  ed25519,
  merkleTreeHash,
  inclusionPath,
  rfc9162,
  rootInput,
  sha256,
  uint32,
  type Hashing,
  type SignatureFields,
} from './reference-tree.ts';

const SIZE = 5;
const INDEX = 2;

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const lowestFirst = (value: number): Buffer => {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(value);
  return four;
};

/**
 * Builds the cases of likely mistakes in a new implementation of the batch form. The right key signs them, but they are
 * refused.
 */
export function batchMistakes({ batching }: BatchWorld): VectorCase[] {
  const inputs = batchInputs(SIZE, batching);
  const context = Buffer.from('tallystick-batch-v1');
  const where = whereOf(SIZE, INDEX);

  const hashed = (name: string, hashing: Partial<Hashing>): VectorCase =>
    wrong(name, record(signedTree(inputs, batching, { ...rfc9162, ...hashing }), INDEX), where);
  const signed = (name: string, input: (root: Buffer) => Buffer): VectorCase =>
    wrong(name, record(signedTree(inputs, batching, rfc9162, input), INDEX), where);
  const written = (name: string, parts: (fields: SignatureFields) => readonly Buffer[]): VectorCase =>
    wrong(
      name,
      record(signedTree(inputs, batching), INDEX, {}, (fields) => Buffer.concat(parts(fields))),
      where,
    );
  /** Padded to the next power of two: it matters if the last leaf, which has no sibling, gets siblings. */
  const filledUp = (name: string, filling: (last: Buffer) => Buffer): VectorCase => {
    const tree = signedTree(inputs, batching);
    const last = SIZE - 1;
    const leaves = [...tree.leaves, ...Array.from({ length: 3 }, () => filling(tree.leaves[last]!))];
    const rootSignature = ed25519(rootInput(merkleTreeHash(leaves), SIZE), batching.keyObject);
    const fields = { rootSignature, path: inclusionPath(last, leaves) };
    return wrong(name, record(tree, last, fields), whereOf(SIZE, last));
  };

  return [
    hashed('leaves without their 0x00', { leaf: (data) => sha256(data) }),
    hashed('leaves with the 0x01 of nodes', { leaf: (data) => sha256(bytes(0x01), data) }),
    hashed('leaves over the payload alone', {
      leaf: (data) => rfc9162.leaf(data.subarray(data.indexOf('.') + 1)),
    }),
    hashed('leaves hashed twice', { leaf: (data) => sha256(rfc9162.leaf(data)) }),
    hashed('nodes without their 0x01', { node: (left, right) => sha256(left, right) }),
    hashed('nodes with the 0x00 of leaves', { node: (left, right) => sha256(bytes(0x00), left, right) }),
    hashed('nodes over their halves in the order of their bytes', {
      node: (left, right) =>
        left.compare(right) < 0 ? rfc9162.node(left, right) : rfc9162.node(right, left),
    }),
    filledUp('a last leaf doubled where it stands alone', (last) => last),
    filledUp('a tree filled up with zeros', () => Buffer.alloc(32)),
    signed('a root signed without the 0xFF', (root) => Buffer.concat([context, uint32(SIZE), root])),
    signed('a root signed without its context', (root) => Buffer.concat([bytes(0xff), uint32(SIZE), root])),
    signed('a root signed without the size', (root) => Buffer.concat([bytes(0xff), context, root])),
    signed('a root signed with the size lowest byte first', (root) =>
      Buffer.concat([bytes(0xff), context, lowestFirst(SIZE), root]),
    ),
    signed('a root signed as hex', (root) =>
      Buffer.concat([bytes(0xff), context, uint32(SIZE), Buffer.from(root.toString('hex'))]),
    ),
    signed('the hash of what is to be signed', (root) => sha256(rootInput(root, SIZE))),
    written('numbers with the lowest byte first', ({ rootSignature, index, size, path }) => [
      rootSignature,
      lowestFirst(index),
      lowestFirst(size),
      ...path,
    ]),
    written('places counted from one', ({ rootSignature, index, size, path }) => [
      rootSignature,
      uint32(index + 1),
      uint32(size),
      ...path,
    ]),
    written('the size before the place', ({ rootSignature, index, size, path }) => [
      rootSignature,
      uint32(size),
      uint32(index),
      ...path,
    ]),
    written('the signature of the root at the end', ({ rootSignature, index, size, path }) => [
      uint32(index),
      uint32(size),
      ...path,
      rootSignature,
    ]),
  ];
}
