import { CodedError } from '@tallystick/contracts';
import { compactVerify, importJWK, type JWK } from 'jose';
import * as z from 'zod';

export const POSSESSION_TYP = 'tallystick-proof+jwt';
const PROOF_AGE_MAX_S = 300;

const claims = z.object({ sub: z.string(), iat: z.int() });

/**
 * Verifies that the applicant for a certificate holds the key. The proof is a compact JWS by that key over the
 * producer's id and the time.
 * @param signer public JWK, on Ed25519 or P-256
 * @param nowS seconds since the epoch
 * @throws CodedError `producer.proof_invalid`
 */
export async function verifyPossession(
  proof: string,
  signer: JWK,
  expected: { producerId: string; nowS: number },
): Promise<void> {
  const refuse = (detail: string): CodedError => new CodedError('producer.proof_invalid', { detail });
  const alg = signer.kty === 'EC' ? 'ES256' : 'EdDSA';
  let payload: unknown;
  try {
    const verified = await compactVerify(proof, await importJWK(signer, alg), {
      algorithms: [alg, 'Ed25519'],
    });
    if (verified.protectedHeader.typ !== POSSESSION_TYP) throw refuse(`typ must be ${POSSESSION_TYP}`);
    payload = JSON.parse(new TextDecoder().decode(verified.payload));
  } catch (error) {
    throw error instanceof CodedError ? error : refuse('the signature does not verify');
  }
  const parsed = claims.safeParse(payload);
  if (!parsed.success) throw refuse('it must hold sub and iat');
  if (parsed.data.sub !== expected.producerId) throw refuse('sub is another producer');
  if (Math.abs(expected.nowS - parsed.data.iat) > PROOF_AGE_MAX_S) {
    throw refuse(`iat must be within ${PROOF_AGE_MAX_S} seconds of now`);
  }
}
