import { fileHolding, fileToFollow, readEnvironment } from '@tallystick/config';
import type { CoreServiceName } from '@tallystick/contracts';
import { loadKeyEncryptionKeys, loadPrivateJwk } from '@tallystick/security';
import { environmentOf, publicUrl, resourceServerEnvironment } from '@tallystick/service';
import * as z from 'zod';

const operatorUrl = (service: CoreServiceName) =>
  publicUrl.describe(
    `Origin at which operators reach the ${service} service: its OPERATOR_URL if it has one, else its PUBLIC_URL. DPoP proofs name it`,
  );
const connectUrl = (service: CoreServiceName) =>
  z
    .url({ protocol: /^https?$/ })
    .transform((value) => new URL(value).origin)
    .optional()
    .describe(
      `Address at which the console itself connects to the ${service} service, such as one inside a cluster; if absent, the origins that tokens and proofs name`,
    );

/** The environment variables of the service. */
export const consoleEnvironment = environmentOf({
  ...resourceServerEnvironment,
  CLIENT_ID: z
    .string()
    .min(1)
    .max(128)
    .default('console')
    .describe(
      'Client as which operators sign in. Its redirect URI is PUBLIC_URL/sign-in/callback, its post-logout redirect URI PUBLIC_URL/signed-out',
    ),
  CLIENT_KEY_FILE: fileHolding(loadPrivateJwk).describe('Private JWK of this client (private_key_jwt)'),
  KEY_ENCRYPTION_KEYS_FILE: fileToFollow(loadKeyEncryptionKeys).describe(
    'Keys that encrypt the tokens of sessions, JSON: the current one encrypts, all decrypt. A replaced file is used within seconds',
  ),
  AUTH_OPERATOR_URL: operatorUrl('auth'),
  ACCOUNT_OPERATOR_URL: operatorUrl('account'),
  CARD_OPERATOR_URL: operatorUrl('card'),
  PAYMENT_OPERATOR_URL: operatorUrl('payment'),
  AUTH_CONNECT_URL: connectUrl('auth'),
  ACCOUNT_CONNECT_URL: connectUrl('account'),
  CARD_CONNECT_URL: connectUrl('card'),
  PAYMENT_CONNECT_URL: connectUrl('payment'),
});

export type ConsoleConfig = z.output<typeof consoleEnvironment>;

/** @throws ConfigurationError that names every missing or invalid variable and file */
export function readConfig(env: Record<string, string | undefined>): Promise<ConsoleConfig> {
  return readEnvironment(consoleEnvironment, env);
}
