import { fileHolding, loadSigningKey, readEnvironment, readSettingFile } from '@tallystick/security';
import { environmentOf, serviceEnvironment } from '@tallystick/service';
import type * as z from 'zod';
import { loadCookieKeys, loadTokenKey } from './keys.ts';
import { faultOfRegistrarCertificate } from './registrar-certificate.ts';
import { loadSeed } from './seed.ts';

/** What the service reads from its environment. */
export const authEnvironment = environmentOf({
  ...serviceEnvironment,
  TOKEN_KEY_FILE: fileHolding(loadTokenKey).describe(
    'The private JWK, on Ed25519, that signs tokens; read at the start only',
  ),
  REGISTRAR_KEY_FILE: fileHolding(loadSigningKey).describe(
    'The private JWK that signs certificates of producers and snapshots; read at the start only',
  ),
  REGISTRAR_CERTIFICATE_FILE: fileHolding(readSettingFile)
    .transform((text) => text.trim())
    .describe('The root key’s certificate of the registrar’s key, compact JWS'),
  COOKIE_KEYS_FILE: fileHolding(loadCookieKeys).describe(
    'A JSON array of secrets of at least 32 characters: the first signs cookies, all verify; read at the start only',
  ),
  SEED_FILE: fileHolding(loadSeed)
    .optional()
    .describe('Customers, clients and producers to start with, JSON'),
}).superRefine(async (given, context) => {
  const {
    REGISTRAR_CERTIFICATE_FILE: certificate,
    REGISTRAR_KEY_FILE: key,
    TRUST_ANCHORS_FILE: anchors,
  } = given;
  const fault = await faultOfRegistrarCertificate(certificate, key, anchors);
  if (fault !== undefined)
    context.addIssue({ code: 'custom', path: ['REGISTRAR_CERTIFICATE_FILE'], message: fault });
});

/** PUBLIC_URL is the issuer of tokens too. */
export type AuthConfig = z.output<typeof authEnvironment>;

/** @throws ConfigurationError that names every variable and every file that is missing or wrong */
export function readConfig(env: Record<string, string | undefined>): Promise<AuthConfig> {
  return readEnvironment(authEnvironment, env);
}
