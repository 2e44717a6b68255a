/**
 * A reference implementation of the batch form from its specification: recursive, and without code of the package. The
 * vectors are generated with it, so that they cannot repeat a mistake of the package.
 */
import { createHash, sign, type KeyObject } from 'node:crypto';

/** The name of the algorithm, and the maximum number of messages under one signature. */
export const batchForm = { alg: 'urn:tallystick:jws:merkle-ed25519-v1', sizeMax: 4_096 } as const;

/**
 * The hash functions of leaves and nodes; others than {@link rfc9162} create the mistakes that consumers must refuse.
 */
export interface Hashing {
  leaf(data: Buffer): Buffer;
  node(left: Buffer, right: Buffer): Buffer;
}

/** The fields of a signature part. */
export interface SignatureFields {
  rootSignature: Buffer;
  index: number;
  size: number;
  path: readonly Buffer[];
}

export const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 9162 §2.1.1: the hashes of a leaf and a node cannot be confused. */
export const rfc9162: Hashing = {
  leaf: (data) => sha256(Buffer.from([0x00]), data),
  node: (left, right) => sha256(Buffer.from([0x01]), left, right),
};

/** Computes MTH of RFC 9162 §2.1.1 over the hashes of the leaves. */
export function merkleTreeHash(leaves: readonly Buffer[], { node }: Pick<Hashing, 'node'> = rfc9162): Buffer {
  const [only] = leaves;
  if (leaves.length === 1) return only!;
  const half = largestPowerOfTwoBelow(leaves.length);
  return node(merkleTreeHash(leaves.slice(0, half), { node }), merkleTreeHash(leaves.slice(half), { node }));
}

/** Computes PATH of RFC 9162 §2.1.3.1, from the sibling of the leaf up. */
export function inclusionPath(
  index: number,
  leaves: readonly Buffer[],
  { node }: Pick<Hashing, 'node'> = rfc9162,
): Buffer[] {
  if (leaves.length === 1) return [];
  const half = largestPowerOfTwoBelow(leaves.length);
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return index < half
    ? [...inclusionPath(index, left, { node }), merkleTreeHash(right, { node })]
    : [...inclusionPath(index - half, right, { node }), merkleTreeHash(left, { node })];
}

/** Returns every node above the leaves with the leaves that it covers; the root is last. */
export function innerNodes(
  leaves: readonly Buffer[],
  first = 0,
): { first: number; last: number; hash: Buffer }[] {
  if (leaves.length === 1) return [];
  const half = largestPowerOfTwoBelow(leaves.length);
  return [
    ...innerNodes(leaves.slice(0, half), first),
    ...innerNodes(leaves.slice(half), first + half),
    { first, last: first + leaves.length - 1, hash: merkleTreeHash(leaves) },
  ];
}

/** Builds the signed bytes of a root: 0xFF ‖ "tallystick-batch-v1" ‖ size as 4 bytes ‖ root. */
export function rootInput(root: Buffer, size: number): Buffer {
  return Buffer.concat([Buffer.from([0xff]), Buffer.from('tallystick-batch-v1'), uint32(size), root]);
}

/** Signs bytes with Ed25519. */
export function ed25519(data: Buffer, key: KeyObject): Buffer {
  return sign(null, data, key);
}

/** Builds the bytes of a record's signature part: root signature ‖ index ‖ size ‖ path. */
export function signatureBytes({ rootSignature, index, size, path }: SignatureFields): Buffer {
  return Buffer.concat([rootSignature, uint32(index), uint32(size), ...path]);
}

/** Encodes a number as four bytes, big-endian. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function largestPowerOfTwoBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}
