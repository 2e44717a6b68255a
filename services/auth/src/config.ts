import { fileHolding, loadSigningKey, readEnvironment, readSettingFile } from '@tallystick/security';
import { environmentOf, serviceEnvironment } from '@tallystick/service';
import type * as z from 'zod';
import { loadCookieKeys, loadTokenKey } from './keys.ts';
import { faultOfRegistrarCertificate } from './registrar-certificate.ts';
import { loadSeed } from './seed.ts';

/** What the service reads from its environment. */
export const authEnvironment = environmentOf({
  ...serviceEnvironment,
  /** Private Ed25519 JWK that signs tokens. */
  TOKEN_KEY_FILE: fileHolding(loadTokenKey),
  /** Private JWK that signs certificates of producers and snapshots. */
  REGISTRAR_KEY_FILE: fileHolding(loadSigningKey),
  /** The root key's certificate of the registrar's key. */
  REGISTRAR_CERTIFICATE_FILE: fileHolding(readSettingFile).transform((text) => text.trim()),
  /** JSON array of secrets of at least 32 characters, the current first. */
  COOKIE_KEYS_FILE: fileHolding(loadCookieKeys),
  /** Customers, clients and producers to start with. */
  SEED_FILE: fileHolding(loadSeed).optional(),
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
