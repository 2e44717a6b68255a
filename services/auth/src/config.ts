import { parseEnvironment } from '@tallystick/security';
import { environmentOf, file, serviceEnvironment } from '@tallystick/service';
import * as z from 'zod';

/** What the service reads from its environment. */
export const authEnvironment = environmentOf({
  ...serviceEnvironment,
  /** Private Ed25519 JWK that signs tokens. */
  TOKEN_KEY_FILE: file,
  /** Private JWK that signs certificates of producers and snapshots. */
  REGISTRAR_KEY_FILE: file,
  /** The root key's certificate of the registrar's key. */
  REGISTRAR_CERTIFICATE_FILE: file,
  /** JSON array of secrets of at least 32 characters, the current first. */
  COOKIE_KEYS_FILE: file,
  /** Customers, clients and producers to start with. */
  SEED_FILE: file.optional(),
});

/** PUBLIC_URL is the issuer of tokens too. */
export type AuthConfig = z.output<typeof authEnvironment>;

/** @throws ConfigurationError that names every variable that is missing or wrong */
export function readConfig(env: Record<string, string | undefined>): AuthConfig {
  return parseEnvironment(authEnvironment, env);
}
