/** The name under which all names beyond the limit are counted. */
export const OTHERS = '_OTHER';

/**
 * Bounds the number of series that names from outside make: the first names keep their own, all later ones share
 * {@link OTHERS}.
 */
export class BoundedNames {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Returns the name to count under. */
  of(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size >= this.#max) return OTHERS;
    this.#known.add(name);
    return name;
  }
}

/** Clients and producers with series of their own, in each process. */
const CLIENTS_MAX = 100;
const clients = new BoundedNames(CLIENTS_MAX);

/** Returns the name under which a verified client or producer is counted. */
export function countedClient(client: string): string {
  return clients.of(client);
}
