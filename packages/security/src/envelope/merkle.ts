import { hash } from 'node:crypto';

/** Number of bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/**
 * A SHA-256 hash with one character for each byte (latin1). A buffer would need memory outside the heap and three times
 * the time.
 */
export type Hash = string;

/** A shared buffer that starts with the leaf prefix: hashing is synchronous, so nothing else writes to it meanwhile. */
let leafInput = Buffer.alloc(16_384, 0x00);

/**
 * Computes the hash of a leaf: SHA-256(0x00 ‖ data) (RFC 9162 §2.1.1).
 * @param data in one or more pieces with one character for each byte, like the signing input of a JWS
 */
export function leafHash(...data: readonly string[]): Hash {
  let end = 1;
  for (const piece of data) {
    if (end + piece.length > leafInput.length)
      leafInput = Buffer.concat([leafInput, Buffer.alloc(end + piece.length)]);
    end += leafInput.write(piece, end, 'latin1');
  }
  return hash('sha256', leafInput.subarray(0, end), 'binary');
}

/** A shared buffer: a path has about ten nodes, and hashing is synchronous, so nothing else writes to it meanwhile. */
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, 0x01);

function nodeHash(left: Hash, right: Hash): Hash {
  nodeInput.write(left, 1, 'latin1');
  nodeInput.write(right, 1 + HASH_BYTES, 'latin1');
  return hash('sha256', nodeInput, 'binary');
}

/** The Merkle tree of RFC 9162 §2.1 over leaves in their order. */
export class MerkleTree {
  readonly size: number;
  readonly root: Hash;
  /** From the leaves up; the last node of an odd level is promoted unchanged. */
  readonly #levels: Hash[][];

  /** @param leaves hashes of the leaves, at least one */
  constructor(leaves: readonly Hash[]) {
    let level = [...leaves];
    this.#levels = [level];
    while (level.length > 1) {
      const above: Hash[] = [];
      for (let at = 0; at + 1 < level.length; at += 2) above.push(nodeHash(level[at]!, level[at + 1]!));
      if (level.length % 2 === 1) above.push(level.at(-1)!);
      this.#levels.push(above);
      level = above;
    }
    this.size = leaves.length;
    this.root = level[0]!;
  }

  /** Returns the inclusion proof of a leaf: the siblings on its way up (RFC 9162 §2.1.3.1). */
  path(index: number): Hash[] {
    const path: Hash[] = [];
    let at = index;
    for (const level of this.#levels.slice(0, -1)) {
      const sibling = level[at % 2 === 0 ? at + 1 : at - 1];
      if (sibling !== undefined) path.push(sibling);
      at = Math.floor(at / 2);
    }
    return path;
  }
}

/** Greater than the maximum number of nodes in a level. */
const LEVEL_STRIDE = 65_536;

/** Maximum number of known nodes of one tree. It limits memory and exceeds the needs of a usual transaction. */
const NODES_KNOWN_MAX = 512;

/** A node with its position; levels are counted from the leaves up. */
export interface PlacedNode {
  level: number;
  at: number;
  hash: Hash;
}

/** The result of climbing from a leaf along its proof. */
export interface Climbed {
  root: Hash;
  /** The nodes on the way and their siblings. */
  nodes: readonly PlacedNode[];
}

/**
 * Climbs from a leaf to the root along its inclusion proof (RFC 9162 §2.1.3.2).
 * @param known the known nodes of the tree: from the first known node on, nothing is hashed
 * @returns the root and the nodes that were not known; `undefined` if the proof does not match the index and size, or
 * contradicts a known node
 */
export function climb(
  leaf: Hash,
  index: number,
  size: number,
  path: readonly Hash[],
  known?: KnownNodes,
): Climbed | undefined {
  if (index >= size) return undefined;
  const nodes: PlacedNode[] = [];
  let hash = leaf;
  let isKnown = false;
  let taken = 0;
  for (let level = 0, at = index, count = size; ; level += 1, at = at >> 1, count = (count + 1) >> 1) {
    if (!isKnown) {
      const here = known?.find(level, at);
      isKnown = here !== undefined;
      if (here === undefined) nodes.push({ level, at, hash });
      else if (here !== hash) return undefined;
    }
    if (count === 1)
      return taken === path.length ? { root: known?.find(level, 0) ?? hash, nodes } : undefined;
    const besideAt = at ^ 1;
    // The last node of an odd level is promoted unchanged.
    if (besideAt >= count) continue;
    const sibling = path[taken];
    if (sibling === undefined) return undefined;
    taken += 1;
    const beside = known?.find(level, besideAt);
    if (beside === undefined ? isKnown : beside !== sibling) return undefined;
    if (isKnown) continue;
    nodes.push({ level, at: besideAt, hash: sibling });
    hash = at < besideAt ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
  }
}

/** The verified nodes of one tree. If a node is known, all nodes above it and their siblings are known too. */
export class KnownNodes {
  readonly #nodes = new Map<number, Hash>();

  /** @param nodes all nodes on the way of one leaf, including the root */
  constructor(nodes: readonly PlacedNode[]) {
    this.#set(nodes);
  }

  find(level: number, at: number): Hash | undefined {
    return this.#nodes.get(level * LEVEL_STRIDE + at);
  }

  /** @param nodes the unknown nodes on the way of one leaf; ignored above {@link NODES_KNOWN_MAX} */
  add(nodes: readonly PlacedNode[]): void {
    if (this.#nodes.size + nodes.length <= NODES_KNOWN_MAX) this.#set(nodes);
  }

  #set(nodes: readonly PlacedNode[]): void {
    for (const { level, at, hash } of nodes) this.#nodes.set(level * LEVEL_STRIDE + at, hash);
  }
}
