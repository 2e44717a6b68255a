import { climb, KnownNodes, type Climbed, type Hash } from './merkle.ts';

/** Batches that are remembered as verified; the oldest go first. */
const BATCHES_REMEMBERED_MAX = 128;

/**
 * Remembers which batches were verified, and their trees as far as they were seen: a root is verified once, and a record
 * of the batch costs a hash or two. Whether a signature holds does not depend on what is remembered.
 */
export class VerifiedBatches {
  readonly #known = new Map<string, Promise<KnownNodes | undefined>>();

  /**
   * @param name names the key, the size and the root's signature, to the byte
   * @param verifyRoot whether that is the key's signature of this root
   */
  async holds(
    name: string,
    { leaf, index, size, path }: Place,
    verifyRoot: (root: Hash) => Promise<boolean>,
  ): Promise<boolean> {
    // Another record of the same name may be wrong, and says nothing of this one then.
    for (let known = this.#known.get(name); known !== undefined; known = this.#known.get(name)) {
      const tree = await known;
      if (tree === undefined) continue;
      const climbed = climb(leaf, index, size, path, tree);
      if (climbed !== undefined) tree.add(climbed.nodes);
      return climbed !== undefined;
    }
    const climbed = climb(leaf, index, size, path);
    if (climbed === undefined) return false;
    const verdict = this.#verify(name, climbed, verifyRoot);
    this.#known.set(name, verdict);
    const [oldest] = this.#known.keys();
    if (this.#known.size > BATCHES_REMEMBERED_MAX && oldest !== undefined) this.#known.delete(oldest);
    return (await verdict) !== undefined;
  }

  async #verify(
    name: string,
    { root, nodes }: Climbed,
    verifyRoot: (root: Hash) => Promise<boolean>,
  ): Promise<KnownNodes | undefined> {
    let holds = false;
    try {
      holds = await verifyRoot(root);
    } finally {
      // What failed is not kept: nobody may fill the memory with it.
      if (!holds) this.#known.delete(name);
    }
    return holds ? new KnownNodes(nodes) : undefined;
  }
}

/** A record in the tree of its batch. */
interface Place {
  leaf: Hash;
  index: number;
  size: number;
  /** The siblings on the way up to the root. */
  path: readonly Hash[];
}
