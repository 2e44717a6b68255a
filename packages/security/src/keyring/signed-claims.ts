import type { CertificateClaims } from '@tallystick/contracts';
import { compactVerify, importJWK, type CryptoKey, type JWK } from 'jose';
import { parseJson } from '../parse/json.ts';
import { algorithmOf, SIGNATURE_ALGORITHMS } from './jwk.ts';

/**
 * Verifies a statement of the key topic.
 * @param value a JWS in compact serialization (RFC 7515 §3.1)
 * @returns its claims; `undefined` if they are no JSON
 * @throws JOSEError if the signature is not of this key
 */
export async function verifiedClaims(value: string, key: CryptoKey): Promise<unknown> {
  const { payload } = await compactVerify(value, key, { algorithms: [...SIGNATURE_ALGORITHMS] });
  return parseJson(new TextDecoder().decode(payload));
}

/** Imports the public key that a certificate is for. */
export async function certifiedKey({ cnf, use }: CertificateClaims): Promise<CryptoKey> {
  const jwk = cnf.jwk as JWK;
  return (await importJWK(jwk, use === 'enc' ? 'ECDH-ES' : algorithmOf(jwk))) as CryptoKey;
}
