import {
  ConfigurationError,
  loadPrivateJwk,
  parseJson,
  readPrivateFile,
  thumbprint,
} from '@tallystick/security';
import type { JWK } from 'jose';
import * as z from 'zod';

const cookieKeys = z.array(z.string().min(32)).min(1);

/**
 * Reads the private key that signs tokens; its `kid` is its RFC 7638 thumbprint.
 * @throws ConfigurationError where the file does not hold a private Ed25519 JWK
 */
export async function readTokenKey(file: string): Promise<JWK & { kid: string }> {
  const key = await loadPrivateJwk(file);
  if (key.crv !== 'Ed25519') throw new ConfigurationError(`${file}: is not a key on Ed25519`);
  return { ...key, kid: await thumbprint(key) };
}

/**
 * Reads the keys that sign cookies: the first signs, all verify.
 * @throws ConfigurationError where the file does not hold a JSON array of strings of 32 characters or more
 */
export async function readCookieKeys(file: string): Promise<string[]> {
  const keys = cookieKeys.safeParse(parseJson(await readPrivateFile(file)));
  if (keys.success) return keys.data;
  throw new ConfigurationError(`${file}: is not a JSON array of strings of at least 32 characters`);
}
