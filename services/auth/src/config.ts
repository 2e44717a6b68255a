import {
  ConfigurationError,
  fileHolding,
  fileToFollow,
  readEnvironment,
  readSettingFile,
} from '@tallystick/config';
import { loadSigningKey } from '@tallystick/security';
import { environmentOf, serviceEnvironment } from '@tallystick/service';
import type * as z from 'zod';
import { loadCookieKeys, loadRegistrar, loadTokenKey } from './keys/keys.ts';
import { loadSeed } from './app/seed.ts';

/** The environment variables of the service. */
export const authEnvironment = environmentOf({
  ...serviceEnvironment,
  TOKEN_KEY_FILE: fileToFollow(loadTokenKey).describe(
    'The private JWK, on Ed25519, that signs tokens; re-read when it is replaced, and certified before it signs',
  ),
  REGISTRAR_KEY_FILE: fileToFollow(loadSigningKey).describe(
    'The private JWK that signs certificates of producers and snapshots; re-read when it is replaced, with its certificate',
  ),
  REGISTRAR_CERTIFICATE_FILE: fileToFollow(readSettingFile).describe(
    'The root key’s certificate of the registrar’s key, compact JWS; re-read when it is replaced',
  ),
  COOKIE_KEYS_FILE: fileToFollow(loadCookieKeys).describe(
    'A JSON array of secrets of at least 32 characters: the first signs cookies, all verify; re-read when it is replaced',
  ),
  SEED_FILE: fileHolding(loadSeed)
    .optional()
    .describe('Customers, clients and producers to start with, JSON'),
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
