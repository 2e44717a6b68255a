import {
  ConfigurationError,
  fileHolding,
  fileToFollow,
  readEnvironment,
  readSettingFile,
} from '@tallystick/config';
import { loadSigningKey } from '@tallystick/security';
import { environmentOf, serviceEnvironment } from '@tallystick/service';
import * as z from 'zod';
import { loadCookieKeys, loadRegistrar, loadTokenKey } from './keys/keys.ts';
import { loadSeed } from './app/seed.ts';

/** The environment variables of the service. */
export const authEnvironment = environmentOf({
  ...serviceEnvironment,
  TOKEN_KEY_FILE: fileToFollow(loadTokenKey).describe(
    'Private JWK (Ed25519) that signs tokens. A replaced file is re-read, and its key is certified before it signs',
  ),
  REGISTRAR_KEY_FILE: fileToFollow(loadSigningKey).describe(
    'Private JWK that signs certificates of producers and snapshots. A replaced file is re-read together with its certificate',
  ),
  REGISTRAR_CERTIFICATE_FILE: fileToFollow(readSettingFile).describe(
    'Certificate of the registrar’s key by a root key, compact JWS. A replaced file is re-read',
  ),
  COOKIE_KEYS_FILE: fileToFollow(loadCookieKeys).describe(
    'JSON array of secrets of at least 32 characters: the first signs cookies, all verify. A replaced file is re-read',
  ),
  CERTIFY_BY_TWO_OPERATORS: z
    .stringbool()
    .default(false)
    .describe(
      'Whether two registrar clients certify every key: one enrols the producer, the other registers its key',
    ),
  SEED_FILE: fileHolding(loadSeed)
    .optional()
    .describe('Initial customers, operators, clients and producers, JSON'),
}).superRefine(async (given, context) => {
  try {
    await loadRegistrar(given);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    context.addIssue({ code: 'custom', path: ['REGISTRAR_CERTIFICATE_FILE'], message: error.message });
  }
});

/** PUBLIC_URL is also the issuer of tokens. */
export type AuthConfig = z.output<typeof authEnvironment>;

/** @throws ConfigurationError that names every missing or invalid variable and file */
export function readConfig(env: Record<string, string | undefined>): Promise<AuthConfig> {
  return readEnvironment(authEnvironment, env);
}
