import { claimed, Keyring, thumbprint, type SigningKey } from '@tallystick/security';
import type { JWK } from 'jose';
import * as z from 'zod';

const claims = z.object({ exp: z.int(), cnf: z.object({ jwk: z.custom<JWK>() }) });

/**
 * Checks the registrar's certificate as every reader of the key topic does. With an invalid one all services would wait
 * for keys in vain.
 * @param certificate compact JWS
 * @returns the fault, or `undefined`: no pinned root key signed it, it is for another key, or it has expired
 */
export async function faultOfRegistrarCertificate(
  certificate: string,
  registrar: SigningKey,
  trustAnchors: readonly JWK[],
): Promise<string | undefined> {
  let alarm: string | undefined;
  const keyring = await Keyring.create({ trustAnchors, onAlarm: ({ detail }) => (alarm = detail) });
  await keyring.take(certificate);
  if (alarm !== undefined) return `holds no certificate by a root key: ${alarm}`;
  const { exp, cnf } = claims.parse(claimed(Buffer.from(certificate)));
  if ((await thumbprint(cnf.jwk)) !== registrar.kid)
    return 'holds a certificate for another key than REGISTRAR_KEY_FILE';
  return exp * 1000 <= Date.now()
    ? 'holds an expired certificate; certify the key again with the root key'
    : undefined;
}
