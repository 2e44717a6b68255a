import { createRequire } from 'node:module';
import type { JWK } from 'jose';
import type * as Sodium from 'sodium-native';
import { mismatchError, rawPublic, rawSeed, turns } from './ed25519.ts';
import { SIGNATURE_BYTES, type Signer, type Verifier } from './signer.ts';

const require = createRequire(import.meta.url);

/** libsodium; `null` where its native module is not installed or does not load. */
export const sodium = load();

function load(): typeof Sodium | null {
  try {
    return require('sodium-native') as typeof Sodium;
  } catch {
    return null;
  }
}

/** Ed25519 (RFC 8032) by libsodium. A signature takes 16 µs, compared to 24 with OpenSSL. */
export class SodiumSigner implements Signer {
  readonly #sodium: typeof Sodium;
  /** Seed and public key. */
  readonly #secret: Buffer;

  constructor(library: typeof Sodium, jwk: JWK) {
    this.#sodium = library;
    this.#secret = Buffer.alloc(library.crypto_sign_SECRETKEYBYTES);
    const publicKey = rawPublic(jwk);
    const derived = Buffer.alloc(library.crypto_sign_PUBLICKEYBYTES);
    library.crypto_sign_seed_keypair(derived, this.#secret, rawSeed(jwk));
    if (!derived.equals(publicKey)) throw mismatchError();
  }

  async sign(data: Buffer): Promise<Buffer> {
    await turns.take();
    const signature = Buffer.allocUnsafe(SIGNATURE_BYTES);
    this.#sodium.crypto_sign_detached(signature, data, this.#secret);
    return signature;
  }
}

/** Verifies by libsodium. A verification takes 38 µs, compared to 63 with OpenSSL. */
export class SodiumVerifier implements Verifier {
  readonly crv = 'Ed25519';
  readonly #sodium: typeof Sodium;
  readonly #publicKey: Buffer;

  constructor(library: typeof Sodium, jwk: JWK) {
    this.#sodium = library;
    this.#publicKey = rawPublic(jwk);
  }

  async verify(data: Buffer, signature: Buffer): Promise<boolean> {
    // libsodium accepts a longer signature and reads only its beginning.
    if (signature.length !== SIGNATURE_BYTES) return false;
    await turns.take();
    return this.#sodium.crypto_sign_verify_detached(signature, data, this.#publicKey);
  }
}
