/**
 * The batch form as its documents define it, by recursion and with nothing of the package's own code: what the vectors
 * are made with, so that they cannot repeat a mistake of it.
 */
import { createHash, sign, type KeyObject } from 'node:crypto';

/** The algorithm by its name, and how many messages it lets one signature cover. */
export const batchForm = { alg: 'urn:tallystick:jws:merkle-ed25519-v1', sizeMax: 4_096 } as const;

/** How leaves and nodes are hashed; others than {@link rfc9162} make the mistakes that consumers must refuse. */
export interface Hashing {
  leaf(data: Buffer): Buffer;
  node(left: Buffer, right: Buffer): Buffer;
}

/** What stands in a signature part, and how. */
export interface SignatureFields {
  rootSignature: Buffer;
  index: number;
  size: number;
  path: readonly Buffer[];
}

export const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 9162 §2.1.1: a leaf and a node can never be taken for one another. */
export const rfc9162: Hashing = {
  leaf: (data) => sha256(Buffer.from([0x00]), data),
  node: (left, right) => sha256(Buffer.from([0x01]), left, right),
};

/** MTH of RFC 9162 §2.1.1, over the hashes of the leaves. */
export function merkleTreeHash(leaves: readonly Buffer[], { node }: Pick<Hashing, 'node'> = rfc9162): Buffer {
  const [only] = leaves;
  if (leaves.length === 1) return only!;
  const half = largestPowerOfTwoBelow(leaves.length);
  return node(merkleTreeHash(leaves.slice(0, half), { node }), merkleTreeHash(leaves.slice(half), { node }));
}

/** PATH of RFC 9162 §2.1.3.1: from the leaf's sibling up. */
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

/** Every node above the leaves, by the leaves that it covers; the root is the last. */
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

/** What is signed once: 0xFF ‖ "tallystick-batch-v1" ‖ size as 4 bytes ‖ root. */
export function rootInput(root: Buffer, size: number): Buffer {
  return Buffer.concat([Buffer.from([0xff]), Buffer.from('tallystick-batch-v1'), uint32(size), root]);
}

/** An Ed25519 signature over bytes. */
export function ed25519(data: Buffer, key: KeyObject): Buffer {
  return sign(null, data, key);
}

/** The bytes of a record's signature part: root signature ‖ index ‖ size ‖ path. */
export function signatureBytes({ rootSignature, index, size, path }: SignatureFields): Buffer {
  return Buffer.concat([rootSignature, uint32(index), uint32(size), ...path]);
}

/** Four bytes, the highest first. */
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
