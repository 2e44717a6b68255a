import { createECDH, createHash, createPrivateKey } from 'node:crypto';

import type { JWK } from 'jose';

/** DER of a PKCS #8 private key (RFC 8410 §7) up to the 32 bytes of the key itself. */
const PKCS8_PREFIX = {
  Ed25519: '302e020100300506032b657004220420',
  X25519: '302e020100300506032b656e04220420',
};

/**
 * Derives a private JWK from its name, so that the vectors keep their keys between runs. Anyone can derive these keys:
 * they are only for tests.
 */
export function testPrivateJwk(name: string, crv: 'Ed25519' | 'X25519' | 'P-256' = 'Ed25519'): JWK {
  const seed = createHash('sha256').update(`tallystick test key ${name}`).digest();
  if (crv === 'P-256') {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(seed);
    const point = ecdh.getPublicKey();
    const coordinate = (from: number): string => point.subarray(from, from + 32).toString('base64url');
    return { kty: 'EC', crv, x: coordinate(1), y: coordinate(33), d: seed.toString('base64url') };
  }
  const der = Buffer.concat([Buffer.from(PKCS8_PREFIX[crv], 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' }) as JWK;
}
