import type { Verifier } from '../keyring/signer.ts';

/** The key in the header of a DPoP proof. */
export interface ProofKey {
  alg: string;
  /** RFC 7638 thumbprint of the public key. */
  thumbprint: string;
  verifier: Verifier;
}

/** Maximum number of remembered keys; the oldest are dropped first. */
const KEYS_REMEMBERED_MAX = 4_096;
/** No client needs more; an attacker cannot fill the memory with blanks. */
const HEADER_CHARS_REMEMBERED_MAX = 512;

/**
 * Remembers the keys of proofs by their header: the headers of a client are identical, to the byte. A remembered key
 * does not affect the verification; it only saves parsing and import.
 */
export class ProofKeys {
  readonly #known = new Map<string, ProofKey>();

  find(headerPart: string): ProofKey | undefined {
    return this.#known.get(headerPart);
  }

  /** @param key a token is bound to it and it has signed a proof; other keys are not worth the memory */
  remember(headerPart: string, key: ProofKey): void {
    if (this.#known.has(headerPart) || headerPart.length > HEADER_CHARS_REMEMBERED_MAX) return;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= KEYS_REMEMBERED_MAX && oldest !== undefined) this.#known.delete(oldest);
    // A copy: a slice would keep the whole proof in memory.
    this.#known.set(Buffer.from(headerPart, 'latin1').toString('latin1'), key);
  }
}
