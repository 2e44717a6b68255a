import { fileToFollow, readEnvironment } from '@tallystick/config';
import { loadDecryptionKey, loadFieldKeys } from '@tallystick/security';
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
  FIELD_KEYS_FILE: fileToFollow(loadFieldKeys).describe(
    'Keys for data at rest, JSON: the current one encrypts, all decrypt. A replaced file is used within seconds',
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
