import { isIP } from 'node:net';
import type { ServerCertificate } from '@tallystick/http';
import { kafkaRequiredTogether, kafkaEnvironment } from '@tallystick/messaging';
import {
  certificateFile,
  environmentSchema,
  fileHolding,
  fileToFollow,
  privateKeyFile,
  type RequiredTogether,
} from '@tallystick/config';
import { loadSigningKey, loadTrustAnchors } from '@tallystick/security';
import { telemetryEnvironment } from '@tallystick/telemetry';
import * as z from 'zod';
import { readDatabaseUrl } from './database-url.ts';
import { postgresUrl } from './postgres-url.ts';

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The origin at which callers reach a service: https, except on loopback. */
export const publicUrl = z
  .url({ protocol: /^https?$/ })
  .transform((value) => new URL(value))
  .refine(
    (url) => url.protocol === 'https:' || LOOPBACK_HOSTS.has(url.hostname),
    'must be https, except on loopback',
  )
  .refine(
    (url) => url.pathname === '/' && url.search === '' && url.hash === '',
    'must be an origin without a path',
  )
  .transform((url) => url.origin);

/** The location of the service's database: exactly one of the two. */
export const databaseEnvironment = {
  POSTGRES_URL: postgresUrl
    .optional()
    .describe('URL of the service’s database, with role and password; alternatively POSTGRES_URL_FILE'),
  POSTGRES_URL_FILE: fileToFollow(readDatabaseUrl)
    .optional()
    .describe('File with this URL; re-read for each connection, so a new password needs no restart'),
};

/** Ranges of addresses as CIDR, separated by commas. */
const addressRanges = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((range) => range.trim())
      .filter(Boolean),
  )
  .refine((ranges) => ranges.every(isAddressRange), 'must hold addresses as CIDR, such as 10.1.0.0/16');

function isAddressRange(range: string): boolean {
  const [address = '', bits, ...rest] = range.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** The environment variables of every service; a service adds its own. */
export const serviceEnvironment = {
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .describe('Port of the HTTP server; 0 selects a free port. Images set 8080'),
  LISTEN_HOST: z
    .string()
    .refine((host) => isIP(host) !== 0, 'must be an IP address of this machine')
    .default('127.0.0.1')
    .describe('Address of this machine on which the HTTP server listens. Images set 0.0.0.0'),
  PUBLIC_URL: publicUrl.describe(
    'Origin at which callers reach the service; DPoP proofs must name it. For auth also the issuer of tokens. https, except on loopback',
  ),
  OPERATOR_URL: publicUrl
    .optional()
    .describe(
      'Origin at which operators reach the operations that are theirs alone; DPoP proofs for those must name it. If absent, PUBLIC_URL',
    ),
  ...databaseEnvironment,
  MIGRATIONS: z
    .enum(['run', 'await'])
    .default('run')
    .describe(
      'run: the service migrates its database at the start, as the owner; await: it waits until --migrate-only has done so',
    ),
  ...kafkaEnvironment,
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/, 'must hold only letters, digits, dots, underscores and dashes')
    .default('')
    .describe('Prefix of every topic and consumer group, for a Kafka that is shared with other systems'),
  TRUST_ANCHORS_FILE: fileHolding(loadTrustAnchors).describe(
    'JWK set of the root public keys that the service pins',
  ),
  SIGNING_KEY_FILE: fileToFollow(loadSigningKey).describe(
    'Private JWK that signs the service’s messages. A replaced key is used within seconds after it is certified',
  ),
  TLS_CERTIFICATE_FILE: certificateFile
    .optional()
    .describe(
      'Certificate or chain of the HTTP server, PEM; without it HTTP is not encrypted. A replaced file is used within seconds',
    ),
  TLS_KEY_FILE: privateKeyFile.optional().describe('Private key of TLS_CERTIFICATE_FILE, PEM'),
  TRUSTED_PROXIES: addressRanges
    .default([])
    .describe(
      'Addresses of proxies, as CIDR and separated by commas: their X-Forwarded-For tells the address of a client. By default no proxy is trusted',
    ),
  REQUESTS_PER_SECOND_MAX: z.coerce.number().int().min(1).max(1_000_000).default(500).meta({
    description: 'Limit for each client address and for each subject of tokens; further requests get 429',
    unit: 'requests per second',
  }),
  OUTBOX_KEPT_HOURS: z.coerce
    .number()
    // At the start a service looks for outbox rows of the last minutes; without them the database would seem restored
    // to an earlier point.
    .min(0.1)
    .max(24 * 31)
    .default(24)
    .describe('How long published messages stay in the database for a republish, in hours; at least 0.1'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Lowest level that is logged'),
  LOG_FORMAT: z
    .enum(['auto', 'json', 'pretty'])
    .default('auto')
    .describe('Format of log lines: json, or pretty for people; auto selects pretty on a terminal'),
  DOCS_CLIENT_ID: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe(
      'Client as which people sign in on /docs to send requests. It needs PUBLIC_URL/docs among its redirect URIs and PUBLIC_URL among its origins. If absent, /docs only shows',
    ),
  ...telemetryEnvironment.shape,
};

/** The environment variables of a service whose HTTP interface takes access tokens. */
export const resourceServerEnvironment = {
  ...serviceEnvironment,
  ISSUER: publicUrl.describe('Origin of the authorization server: iss of access tokens'),
};

/** The environment variables of `--migrate-only`, which connects as the owner of the service's database. */
export const migrationEnvironment = {
  ...databaseEnvironment,
  POSTGRES_SERVICE_ROLE: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('Role of the service, which gets the service’s privileges; if absent, none are granted'),
};

const requiredTogether: RequiredTogether = {
  needs: [
    ...kafkaRequiredTogether.needs,
    ['TLS_CERTIFICATE_FILE', 'TLS_KEY_FILE'],
    ['TLS_KEY_FILE', 'TLS_CERTIFICATE_FILE'],
  ],
  keyPairs: [...kafkaRequiredTogether.keyPairs, ['TLS_CERTIFICATE_FILE', 'TLS_KEY_FILE']],
};

/**
 * Builds the schema of a service's environment; it requires exactly one of the two database settings.
 * @param variables of the service, including {@link databaseEnvironment}
 */
export function environmentOf<Variables extends typeof databaseEnvironment & z.ZodRawShape>(
  variables: Variables,
): z.ZodObject<Variables> {
  return environmentSchema(variables, requiredTogether).superRefine(
    (given, context) => {
      const names = ['POSTGRES_URL', 'POSTGRES_URL_FILE'].filter((name) => name in given);
      if (names.length === 1) return;
      context.addIssue({
        code: 'custom',
        path: ['POSTGRES_URL'],
        message:
          names.length === 0
            ? 'is not set, nor is POSTGRES_URL_FILE'
            : 'is set, and so is POSTGRES_URL_FILE; set only one of the two',
      });
    },
    // Run even if another variable is invalid, so that all faults are reported at once.
    { when: () => true },
  );
}

export type DatabaseSettings = z.output<z.ZodObject<typeof databaseEnvironment>>;
export type ServiceSettings = z.output<z.ZodObject<typeof serviceEnvironment>>;
export type ResourceServerSettings = z.output<z.ZodObject<typeof resourceServerEnvironment>>;

/** Returns the files of the HTTP server certificate; `undefined` if HTTP is not encrypted. */
export function serverCertificate(settings: ServiceSettings): ServerCertificate | undefined {
  const { TLS_CERTIFICATE_FILE: certificateFile, TLS_KEY_FILE: keyFile } = settings;
  return certificateFile === undefined || keyFile === undefined ? undefined : { certificateFile, keyFile };
}
