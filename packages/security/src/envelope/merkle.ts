import { hash } from 'node:crypto';

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

const LEAF = Buffer.from([0x00]);

/** Hash of a leaf: SHA-256(0x00 ‖ data) (RFC 9162 §2.1.1). */
export function leafHash(data: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([LEAF, data]), 'buffer');
}

/** One buffer for all: a path is some ten nodes, and hashing is done before anything else can write to it. */
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, 0x01);

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return hash('sha256', nodeInput, 'buffer');
}

/** The Merkle tree of RFC 9162 §2.1 over leaves in their order. */
export class MerkleTree {
  readonly size: number;
  readonly root: Buffer;
  /** From the leaves up; the last node of an odd level is carried up as it is. */
  readonly #levels: Buffer[][];

  /** @param leaves hashes of the leaves, at least one */
  constructor(leaves: readonly Buffer[]) {
    let level = [...leaves];
    this.#levels = [level];
    while (level.length > 1) {
      const above: Buffer[] = [];
      for (let at = 0; at + 1 < level.length; at += 2) above.push(nodeHash(level[at]!, level[at + 1]!));
      if (level.length % 2 === 1) above.push(level.at(-1)!);
      this.#levels.push(above);
      level = above;
    }
    this.size = leaves.length;
    this.root = level[0]!;
  }

  /** The inclusion proof of a leaf: the siblings on its way up (RFC 9162 §2.1.3.1). */
  path(index: number): Buffer[] {
    const path: Buffer[] = [];
    let at = index;
    for (const level of this.#levels.slice(0, -1)) {
      const sibling = level[at % 2 === 0 ? at + 1 : at - 1];
      if (sibling !== undefined) path.push(sibling);
      at = Math.floor(at / 2);
    }
    return path;
  }
}

/**
 * The root that a leaf and its inclusion proof lead to (RFC 9162 §2.1.3.2).
 * @returns `undefined` where the proof does not fit the index and the size
 */
export function rootFromPath(
  leaf: Buffer,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Buffer | undefined {
  if (index >= size) return undefined;
  let fn = index;
  let sn = size - 1;
  let root = leaf;
  for (const sibling of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      root = nodeHash(sibling, root);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? root : undefined;
}
