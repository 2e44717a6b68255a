import { certificateFile, fileHolding, fileToFollow, readEnvironment } from '@tallystick/config';
import type { CoreServiceName } from '@tallystick/contracts';
import { loadKeyEncryptionKeys, loadPrivateJwk } from '@tallystick/security';
import { environmentOf, publicUrl, resourceServerEnvironment } from '@tallystick/service';
import * as z from 'zod';
import { INDEX_KEPT_DAYS } from './message-index/message-index.ts';

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

const metricsUrls = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((url) => url.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.url({ protocol: /^https?$/, error: 'must hold URLs like http://127.0.0.1:9464/metrics' })));

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
  SERVICES_CA_FILE: certificateFile
    .optional()
    .describe('Authority of the services’ certificates, PEM, if it is not one that Node trusts'),
  AUTH_CONNECT_URL: connectUrl('auth'),
  ACCOUNT_CONNECT_URL: connectUrl('account'),
  CARD_CONNECT_URL: connectUrl('card'),
  PAYMENT_CONNECT_URL: connectUrl('payment'),
  CARD_PUBLIC_URL: publicUrl
    .optional()
    .describe('Origin of the card service that proofs in evidence name; if absent, CARD_OPERATOR_URL'),
  PAYMENT_PUBLIC_URL: publicUrl
    .optional()
    .describe('Origin of the payment service that proofs in evidence name; if absent, PAYMENT_OPERATOR_URL'),
  PROMETHEUS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Prometheus with the metrics of the services, which figures come from; if absent, METRICS_URLS',
    ),
  METRICS_URLS: metricsUrls
    .default([])
    .describe(
      'Addresses of the metrics of each process, separated by commas: the console reads them every five seconds and keeps an hour, unless there is PROMETHEUS_URL',
    ),
  JAEGER_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address of Jaeger’s pages for browsers, to which traces link; if absent, they do not link'),
  INDEX_KEPT_DAYS: z.coerce
    .number()
    .min(1)
    .max(3_650)
    .default(INDEX_KEPT_DAYS)
    .meta({ description: 'How long the index of messages keeps a record', unit: 'days' }),
});

export type ConsoleConfig = z.output<typeof consoleEnvironment>;

/** @throws ConfigurationError that names every missing or invalid variable and file */
export function readConfig(env: Record<string, string | undefined>): Promise<ConsoleConfig> {
  return readEnvironment(consoleEnvironment, env);
}
