import { climb, KnownNodes, type Climbed, type Hash } from './merkle.ts';

/** Batches that are remembered as verified; the oldest go first. */
const BATCHES_REMEMBERED_MAX = 128;

/**
 * Remembers which batches were verified, and their trees as far as they were seen: a root is verified once, and a record
 * of the batch costs a hash or two. Whether a signature holds does not depend on what is remembered.
 */
export class VerifiedBatches {
  /** Those that are being verified, and what is known of those that were. */
  readonly #known = new Map<string, Promise<KnownNodes | undefined> | KnownNodes>();

  /**
   * @param name names the key, the size and the root's signature, to the byte
   * @param verifyRoot whether that is the key's signature of this root
   * @returns at once of a batch that was verified before
   */
  holds(
    name: string,
    place: Place,
    verifyRoot: (root: Hash) => Promise<boolean>,
  ): boolean | Promise<boolean> {
    const known = this.#known.get(name);
    return known instanceof KnownNodes ? fits(place, known) : this.#holdsNew(name, place, verifyRoot);
  }

  async #holdsNew(
    name: string,
    place: Place,
    verifyRoot: (root: Hash) => Promise<boolean>,
  ): Promise<boolean> {
    // Another record of the same name may be wrong, and says nothing of this one then.
    for (let known = this.#known.get(name); known !== undefined; known = this.#known.get(name)) {
      const tree = await known;
      if (tree !== undefined) return fits(place, tree);
    }
    const { leaf, index, size, path } = place;
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
    let tree: KnownNodes | undefined;
    try {
      if (await verifyRoot(root)) tree = new KnownNodes(nodes);
    } finally {
      // What failed is not kept: nobody may fill the memory with it.
      if (tree === undefined) this.#known.delete(name);
      else if (this.#known.has(name)) this.#known.set(name, tree);
    }
    return tree;
  }
}

/** Whether a record is in a tree of which something is certain; what it led past is then. */
function fits({ leaf, index, size, path }: Place, tree: KnownNodes): boolean {
  const climbed = climb(leaf, index, size, path, tree);
  if (climbed !== undefined) tree.add(climbed.nodes);
  return climbed !== undefined;
}

/** A record in the tree of its batch. */
interface Place {
  leaf: Hash;
  index: number;
  size: number;
  /** The siblings on the way up to the root. */
  path: readonly Hash[];
}
