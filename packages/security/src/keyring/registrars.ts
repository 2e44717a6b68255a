import { certificateClaims, type CertificateClaims } from '@tallystick/contracts';
import type { CryptoKey, JWK } from 'jose';
import { thumbprint } from './jwk.ts';
import { certifiedKey, verifiedClaims } from './signed-claims.ts';

/** The registrars that a root key certified. */
export class Registrars {
  readonly #now: () => number;
  readonly #known = new Map<string, { key: CryptoKey; claims: CertificateClaims }>();
  /** Revoked by the root: permanently, even if an older certificate arrives. */
  readonly #revoked = new Set<string>();

  /** @param now returns the time in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Takes a certificate that a root key signed.
   * @returns the id of the registrar's key, and whether the certificate revokes it
   * @throws Error that says why it does not count
   */
  async take(certificate: string, root: CryptoKey): Promise<{ kid: string; isRevoked: boolean }> {
    const claims = certificateClaims.parse(await verifiedClaims(certificate, root));
    if (claims.role !== 'registrar' || claims.use !== 'sig')
      throw new Error('the root key certifies registrars only');
    const kid = await thumbprint(claims.cnf.jwk as JWK);
    if (claims.status === 'revoked') {
      this.#revoked.add(kid);
      this.#known.delete(kid);
      return { kid, isRevoked: true };
    }
    if (this.#revoked.has(kid)) throw new Error("the registrar's key is revoked");
    const known = this.#known.get(kid);
    if (known !== undefined && claims.iat < known.claims.iat)
      throw new Error("the registrar's certificate is older than the one known");
    this.#known.set(kid, { key: await certifiedKey(claims), claims });
    return { kid, isRevoked: false };
  }

  isRevoked(kid: string): boolean {
    return this.#revoked.has(kid);
  }

  /**
   * Returns the key of a registrar.
   * @throws Error if there is none with this id, or its certificate is not valid now
   */
  keyOf(kid: string): CryptoKey {
    const registrar = this.#known.get(kid);
    if (registrar === undefined) throw new Error('no registrar has this key');
    const nowS = this.#now() / 1000;
    if (nowS < registrar.claims.nbf || nowS >= registrar.claims.exp)
      throw new Error("the registrar's certificate is not valid now");
    return registrar.key;
  }
}
