import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { mismatchError, rawPublic, rawSeed, turns } from './ed25519.ts';
import { SIGNATURE_BYTES, type Signer, type Verifier } from './signer.ts';

const POINT_BYTES = 32;
/** The prime of the field, p = 2^255 - 19, little-endian (RFC 8032 §5.1). */
const PRIME = Buffer.from('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'hex');
/** The coordinates y of the points whose order divides 8, except those beyond the field. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** Ed25519 (RFC 8032) by Node's OpenSSL, where libsodium does not load. */
export class OpensslSigner implements Signer {
  readonly #key: KeyObject;

  constructor(jwk: JWK) {
    const x = rawPublic(jwk).toString('base64url');
    const d = rawSeed(jwk).toString('base64url');
    this.#key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d }, format: 'jwk' });
    // Node derives the public part from the private one, and does not compare it with `x`.
    if (createPublicKey(this.#key).export({ format: 'jwk' }).x !== x) throw mismatchError();
  }

  async sign(data: Buffer): Promise<Buffer> {
    await turns.take();
    return sign(null, data, this.#key);
  }
}

/** Verifies by OpenSSL, which accepts points of small order and beyond the field: they are refused as by libsodium. */
export class OpensslVerifier implements Verifier {
  readonly crv = 'Ed25519';
  readonly #key: KeyObject;
  readonly #isSound: boolean;

  constructor(jwk: JWK) {
    const raw = rawPublic(jwk);
    this.#isSound = isSoundPoint(raw);
    const x = raw.toString('base64url');
    this.#key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  }

  async verify(data: Buffer, signature: Buffer): Promise<boolean> {
    if (!this.#isSound || signature.length !== SIGNATURE_BYTES) return false;
    if (!isSoundPoint(signature.subarray(0, POINT_BYTES))) return false;
    await turns.take();
    return verify(null, data, this.#key, signature);
  }
}

/** Returns whether an encoded point is within the field and not of small order. */
function isSoundPoint(encoded: Buffer): boolean {
  const y = Buffer.from(encoded);
  // The highest bit is the sign of x.
  y[POINT_BYTES - 1]! &= 0x7f;
  const isWithinField = Buffer.compare(y.toReversed(), PRIME.toReversed()) < 0;
  return isWithinField && !SMALL_ORDER.has(y.toString('hex'));
}
