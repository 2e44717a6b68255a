import type { Verifier } from '../keyring/signature-key.ts';

/** The key of a DPoP proof, as its header shows it. */
export interface ProofKey {
  alg: string;
  /** RFC 7638, of the public key. */
  thumbprint: string;
  verifier: Verifier;
}

/** Keys that are remembered; the oldest go first. */
const KEYS_REMEMBERED_MAX = 4_096;
/** No client needs more; nobody may fill the memory with blanks. */
const HEADER_CHARS_REMEMBERED_MAX = 512;

/**
 * Remembers the keys of proofs by the header that showed them: a client's headers are all the same, to the byte. A key
 * changes nothing of whether a proof holds; it is only read and imported once.
 */
export class ProofKeys {
  readonly #known = new Map<string, ProofKey>();

  find(headerPart: string): ProofKey | undefined {
    return this.#known.get(headerPart);
  }

  /** @param key one that a token is bound to, and that has signed a proof: others are not worth the room */
  remember(headerPart: string, key: ProofKey): void {
    if (this.#known.has(headerPart) || headerPart.length > HEADER_CHARS_REMEMBERED_MAX) return;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= KEYS_REMEMBERED_MAX && oldest !== undefined) this.#known.delete(oldest);
    // A copy: a slice would keep the whole proof in memory.
    this.#known.set(Buffer.from(headerPart, 'latin1').toString('latin1'), key);
  }
}
