import {
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type JsonWebKey,
  type SignKeyObjectInput,
  type VerifyKeyObjectInput,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { OpensslSigner, OpensslVerifier } from './ed25519-openssl.ts';
import { sodium, SodiumSigner, SodiumVerifier } from './ed25519-sodium.ts';
import { SIGNATURE_BYTES, type Signer, type Verifier } from './signer.ts';

/**
 * Creates the signer of a private JWK.
 * @param library signs with Ed25519; `null` for Node's OpenSSL
 * @throws Error if it is not a private key on Ed25519 or P-256, or its parts do not match
 */
export function signerOf(jwk: JWK, library = sodium): Signer {
  if (jwk.crv !== 'Ed25519') return new P256Signer(jwk);
  return library === null ? new OpensslSigner(jwk) : new SodiumSigner(library, jwk);
}

/**
 * Creates the verifier of a public JWK. A key on an encryption curve verifies no signature.
 * @param library verifies Ed25519; `null` for Node's OpenSSL
 * @throws Error if the JWK is not a public key
 */
export function verifierOf(jwk: JWK, library = sodium): Verifier {
  if (jwk.crv === 'Ed25519')
    return library === null ? new OpensslVerifier(jwk) : new SodiumVerifier(library, jwk);
  if (jwk.crv === 'P-256') return new P256Verifier(jwk);
  return { crv: jwk.crv, verify: async () => Promise.resolve(false) };
}

const signOnThread = promisify<string, Buffer, SignKeyObjectInput, Buffer>(sign);
const verifyOnThread = promisify<string, Buffer, VerifyKeyObjectInput, Buffer, boolean>(verify);

/** ES256 by OpenSSL, on a thread of Node's pool. */
class P256Signer implements Signer {
  readonly #key: SignKeyObjectInput;

  constructor(jwk: JWK) {
    const key = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
    this.#key = { key, dsaEncoding: 'ieee-p1363' };
  }

  async sign(data: Buffer): Promise<Buffer> {
    return signOnThread('sha256', data, this.#key);
  }
}

class P256Verifier implements Verifier {
  readonly crv = 'P-256';
  readonly #key: VerifyKeyObjectInput;

  constructor(jwk: JWK) {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    this.#key = { key, dsaEncoding: 'ieee-p1363' };
  }

  async verify(data: Buffer, signature: Buffer): Promise<boolean> {
    if (signature.length !== SIGNATURE_BYTES) return false;
    return verifyOnThread('sha256', data, this.#key, signature);
  }
}
