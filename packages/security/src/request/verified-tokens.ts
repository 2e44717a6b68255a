import { type CertificateClaims } from '@tallystick/contracts';

/** The claims of an access token (RFC 9068 §2.2) whose signature was verified. */
export interface TokenClaims {
  iss: string;
  sub: string;
  client_id: string;
  iat: number;
  exp: number;
  jti: string;
  scope: string;
  cnf?: { jkt: string } | undefined;
}

/** A token that one key signed, with the certificate that the key had then. */
export interface SignedToken {
  kid: string;
  certificate: CertificateClaims;
  claims: TokenClaims;
}

/** Tokens that are remembered; the oldest go first. */
const TOKENS_REMEMBERED_MAX = 4_096;

/**
 * Remembers access tokens whose signature was verified, so that a token is verified once while it lives. What depends on
 * the moment or on who asks is never remembered. Only tokens that verified are kept: nobody can fill the memory with others.
 */
export class VerifiedTokens {
  /** By the text of the token. Confidential. */
  readonly #known = new Map<string, SignedToken>();

  /**
   * Finds a token that was verified before.
   * @param certificateOf the certificate of a key that counts now; a token that was verified under another is forgotten, as
   *   one is whose key was revoked
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
