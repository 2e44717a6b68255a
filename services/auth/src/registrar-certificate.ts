import { readFile } from 'node:fs/promises';
import { ConfigurationError, Keyring, thumbprint, type SigningKey } from '@tallystick/security';
import { decodeJwt, type JWK } from 'jose';
import * as z from 'zod';

const claims = z.object({ exp: z.int(), cnf: z.object({ jwk: z.custom<JWK>() }) });

/**
 * Reads the root key's certificate of the registrar's key, and checks it as every reader of the key topic will: with
 * another one all services would wait for keys in vain.
 * @throws ConfigurationError where a pinned root key did not sign it, it is for another key, or it has ended
 */
export async function readRegistrarCertificate(
  file: string,
  registrar: SigningKey,
  trustAnchors: readonly JWK[],
): Promise<string> {
  const refuse = (fault: string): ConfigurationError =>
    new ConfigurationError(`REGISTRAR_CERTIFICATE_FILE: ${file} ${fault}`);
  let certificate: string;
  try {
    certificate = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw refuse(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  let alarm: string | undefined;
  const keyring = await Keyring.create({ trustAnchors, onAlarm: ({ detail }) => (alarm = detail) });
  await keyring.take(certificate);
  if (alarm !== undefined) throw refuse(`is no certificate by a root key: ${alarm}`);
  const { exp, cnf } = claims.parse(decodeJwt(certificate));
  if ((await thumbprint(cnf.jwk)) !== registrar.kid)
    throw refuse('is for another key than REGISTRAR_KEY_FILE');
  if (exp * 1000 <= Date.now()) throw refuse('has ended');
  return certificate;
}
