import { parseJson } from '../parse/json.ts';
import { CodedError, permission, type Permission } from '@tallystick/contracts';
import { CompactSign, compactVerify, importJWK, type JWK } from 'jose';
import * as z from 'zod';
import { SIGNATURE_ALGORITHMS, type SigningKey } from './jwk.ts';

export const POSSESSION_TYP = 'tallystick-proof+jwt';
const PROOF_AGE_MAX_S = 300;

const claims = z.object({
  sub: z.string(),
  jkt: z.string(),
  permissions: z.array(permission),
  batch: z.boolean().default(false),
  enrolment_code: z.string(),
  iat: z.int(),
});

/** The subject of an application for a certificate. */
export interface Application {
  producerId: string;
  /** RFC 7638 thumbprint of the key. */
  kid: string;
  permissions: readonly Permission[];
  batch: boolean;
}

/**
 * Signs an application for a certificate: {@link verifyPossession} accepts it for five minutes.
 * @param signer the key of the application, or one that approves it
 * @param enrolmentCode the one-time code that the operator gave
 * @param nowS seconds since the epoch
 */
export function signPossession(
  signer: SigningKey,
  { producerId, kid, permissions, batch }: Application,
  enrolmentCode: string,
  nowS: number,
): Promise<string> {
  const application: z.input<typeof claims> = {
    sub: producerId,
    jkt: kid,
    permissions: [...permissions],
    batch,
    enrolment_code: enrolmentCode,
    iat: nowS,
  };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(application)))
    .setProtectedHeader({ alg: signer.alg, typ: POSSESSION_TYP })
    .sign(signer.privateKey);
}

/**
 * Verifies that the holder of a key applies for a certificate. The proof is a compact JWS over the producer's id, the
 * key, its permissions, a one-time code and the time, so that none of them can be exchanged.
 * @param signer public JWK, on Ed25519 or P-256: the key of the application, or one that approves it
 * @param nowS seconds since the epoch
 * @returns the enrolment code
 * @throws CodedError `producer.proof_invalid`
 */
export async function verifyPossession(
  proof: string,
  signer: JWK,
  { producerId, kid, permissions, batch }: Application,
  nowS: number,
): Promise<string> {
  const refuse = (detail: string): CodedError => new CodedError('producer.proof_invalid', { detail });
  const parsed = claims.safeParse(await payloadOf(proof, signer, refuse));
  if (!parsed.success) throw refuse('it must hold sub, jkt, permissions, batch, enrolment_code and iat');
  const { data } = parsed;
  if (data.sub !== producerId) throw refuse('sub is another producer');
  if (data.jkt !== kid) throw refuse('jkt is another key');
  if (data.batch !== batch || JSON.stringify(data.permissions) !== JSON.stringify(permissions))
    throw refuse('its permissions are others');
  if (Math.abs(nowS - data.iat) > PROOF_AGE_MAX_S)
    throw refuse(`iat must be within ${PROOF_AGE_MAX_S} seconds of now`);
  return data.enrolment_code;
}

async function payloadOf(
  proof: string,
  signer: JWK,
  refuse: (detail: string) => CodedError,
): Promise<unknown> {
  try {
    const key = await importJWK(signer, signer.kty === 'EC' ? 'ES256' : 'EdDSA');
    const { payload, protectedHeader } = await compactVerify(proof, key, {
      algorithms: [...SIGNATURE_ALGORITHMS],
    });
    if (protectedHeader.typ !== POSSESSION_TYP) throw refuse(`typ must be ${POSSESSION_TYP}`);
    return parseJson(new TextDecoder().decode(payload));
  } catch (error) {
    throw error instanceof CodedError ? error : refuse('the signature does not verify');
  }
}
