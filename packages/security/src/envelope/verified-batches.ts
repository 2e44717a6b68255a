import { climb, KnownNodes, type Climbed, type Hash } from './merkle.ts';

/** Maximum number of remembered batches; the oldest are dropped first. */
const BATCHES_REMEMBERED_MAX = 128;

/**
 * Remembers verified batches and the known nodes of their trees. A root is verified once, and each further record of
 * the batch costs a hash or two. The result of a verification does not depend on the memory.
 */
export class VerifiedBatches {
  /** Batches in verification, and the known nodes of verified ones. */
  readonly #known = new Map<string, Promise<KnownNodes | undefined> | KnownNodes>();

  /**
   * @param name identifies the key, the size and the root's signature, to the byte
   * @param verifyRoot verifies the key's signature of this root
   * @returns synchronously for a batch that was verified before
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
    // Another record with the same name may be invalid, which says nothing about this one.
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
      // Failed batches are not kept, so that an attacker cannot fill the memory.
      if (tree === undefined) this.#known.delete(name);
      else if (this.#known.has(name)) this.#known.set(name, tree);
    }
    return tree;
  }
}

/** Returns whether a record is in a partly known tree; if so, its nodes become known. */
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
