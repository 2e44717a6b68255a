import { fileHolding, loadDecryptionKey, loadFieldKeys, readEnvironment } from '@tallystick/security';
import { environmentOf, publicUrl, resourceServerEnvironment } from '@tallystick/service';
import * as z from 'zod';

/** What the service reads from its environment. */
export const cardEnvironment = environmentOf({
  ...resourceServerEnvironment,
  /** Where payments are made: a proof's `htu` must begin with it. */
  PAYMENT_PUBLIC_URL: publicUrl,
  /** Private X25519 JWK that opens what is confidential to this service. */
  ENCRYPTION_KEY_FILE: fileHolding(loadDecryptionKey),
  /** Keys of data at rest. */
  FIELD_KEYS_FILE: fileHolding(loadFieldKeys),
  /** Issuer identification number (BIN) of the cards. */
  ISSUER_NUMBER: z.string().regex(/^\d{6,8}$/, 'must be 6 to 8 digits'),
});

export type CardConfig = z.output<typeof cardEnvironment>;

/** @throws ConfigurationError that names every variable and every file that is missing or wrong */
export function readConfig(env: Record<string, string | undefined>): Promise<CardConfig> {
  return readEnvironment(cardEnvironment, env);
}
