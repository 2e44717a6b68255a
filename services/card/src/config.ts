import { fileHolding, fileToFollow, readEnvironment } from '@tallystick/config';
import { loadDecryptionKey, loadFieldKeys, loadKeyEncryptionKeys } from '@tallystick/security';
import { environmentOf, publicUrl, resourceServerEnvironment } from '@tallystick/service';
import * as z from 'zod';

/** The environment variables of the service. */
export const cardEnvironment = environmentOf({
  ...resourceServerEnvironment,
  PAYMENT_PUBLIC_URL: publicUrl.describe(
    'Origin of the payment service: the htu of a proof in evidence must begin with it',
  ),
  ENCRYPTION_KEY_FILE: fileToFollow(loadDecryptionKey).describe(
    'Private JWK (X25519) that decrypts confidential messages to the service. A replaced file is used within seconds, beside the previous key',
  ),
  KEY_ENCRYPTION_KEYS_FILE: fileToFollow(loadKeyEncryptionKeys).describe(
    'Keys that wrap the keys of fields, JSON: the current one wraps, all unwrap. A replaced file is used within seconds',
  ),
  FIELD_KEY_LIFE_DAYS: z.coerce
    .number()
    .min(1)
    .max(3_650)
    .default(90)
    .describe('Age at which the keys of fields and of fingerprints are replaced, in days'),
  FIELD_KEYS_FILE: fileHolding(loadFieldKeys)
    .optional()
    .describe(
      'Keys of fields of a release that read them from a file, JSON; imported once, at the first start without keys in the database',
    ),
  ISSUER_NUMBER: z
    .string()
    .regex(/^\d{6,8}$/, 'must be 6 to 8 digits')
    .describe('Issuer identification number (BIN) of the cards, 6 to 8 digits'),
});

export type CardConfig = z.output<typeof cardEnvironment>;

/** @throws ConfigurationError that names every missing or invalid variable and file */
export function readConfig(env: Record<string, string | undefined>): Promise<CardConfig> {
  return readEnvironment(cardEnvironment, env);
}
