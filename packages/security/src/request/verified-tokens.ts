import { type CertificateClaims } from '@tallystick/contracts';
import type { RevocableToken } from '../keyring/revocations.ts';

/** The claims of an access token (RFC 9068 §2.2) with a verified signature. */
export interface TokenClaims extends RevocableToken {
  iss: string;
  exp: number;
  jti: string;
  scope: string;
  cnf?: { jkt: string } | undefined;
  /** The name of an operator, for people. */
  name?: string | undefined;
  roles?: string[] | undefined;
}

/** A token with the certificate of its key at the time of verification. */
export interface SignedToken {
  kid: string;
  certificate: CertificateClaims;
  claims: TokenClaims;
}

/** Maximum number of remembered tokens; the oldest are dropped first. */
const TOKENS_REMEMBERED_MAX = 4_096;

/**
 * Remembers access tokens with a verified signature, so that each is verified once in its lifetime. It never remembers
 * results that depend on the time or the caller. It stores only verified tokens, so an attacker cannot fill the memory.
 */
export class VerifiedTokens {
  /** Keyed by the text of the token. Confidential. */
  readonly #known = new Map<string, SignedToken>();

  /**
   * Finds a token that was verified before.
   * @param certificateOf returns the current certificate of a key; a token that was verified under another certificate
   * is dropped, as after a revocation
   */
  find(
    token: string,
    certificateOf: (kid: string) => CertificateClaims | undefined,
  ): SignedToken | undefined {
    const known = this.#known.get(token);
    if (known === undefined || certificateOf(known.kid) === known.certificate) return known;
    this.#known.delete(token);
    return undefined;
  }

  remember(token: string, signed: SignedToken): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= TOKENS_REMEMBERED_MAX && oldest !== undefined) this.#known.delete(oldest);
    // A copy: a slice would keep the whole header line in memory.
    this.#known.set(Buffer.from(token, 'latin1').toString('latin1'), signed);
  }
}
