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

/** The origin of a service as its callers see it: https, except on loopback. */
export const publicUrl = z
  .url({ protocol: /^https?$/ })
  .transform((value) => new URL(value))
  .refine(
    (url) => url.protocol === 'https:' || LOOPBACK_HOSTS.has(url.hostname),
    'must be https, but on loopback',
  )
  .refine(
    (url) => url.pathname === '/' && url.search === '' && url.hash === '',
    'must be an origin, with no path',
  )
  .transform((url) => url.origin);

/** The location of the service's database: exactly one of the two. */
export const databaseEnvironment = {
  POSTGRES_URL: postgresUrl
    .optional()
    .describe('Where the service’s database is, with role and password; or POSTGRES_URL_FILE'),
  POSTGRES_URL_FILE: fileToFollow(readDatabaseUrl)
    .optional()
    .describe(
      'A file that holds it, read anew for each connection, so that a new password needs no new start',
    ),
};

/** The environment variables of every service; a service adds its own. */
export const serviceEnvironment = {
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .describe('The port that HTTP is served on; 0 is any that is free. Images set 8080'),
  LISTEN_HOST: z
    .string()
    .refine((host) => isIP(host) !== 0, 'must be an IP address of this machine')
    .default('127.0.0.1')
    .describe('The address of this machine that HTTP is served on. Images set 0.0.0.0'),
  PUBLIC_URL: publicUrl.describe(
    'The origin at which others reach the service; what DPoP proofs name, and of auth also the issuer of tokens. https, but on loopback',
  ),
  ...databaseEnvironment,
  MIGRATIONS: z
    .enum(['run', 'await'])
    .default('run')
    .describe(
      'Whether the service brings its database forward at the start, as the owner, or waits until --migrate-only has',
    ),
  ...kafkaEnvironment,
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/, 'must hold only letters, digits, dots, underscores and dashes')
    .default('')
    .describe('Stands before the name of every topic and consumer group, where Kafka serves others too'),
  TRUST_ANCHORS_FILE: fileHolding(loadTrustAnchors).describe(
    'The JWK set of root public keys that the service pins',
  ),
  SIGNING_KEY_FILE: fileToFollow(loadSigningKey).describe(
    'The private JWK that signs the service’s messages. A replaced file is used within seconds of its key’s certificate',
  ),
  TLS_CERTIFICATE_FILE: certificateFile
    .optional()
    .describe(
      'The certificate, or chain, that HTTP is served with, PEM; without it HTTP is not encrypted. A replaced file is used within seconds',
    ),
  TLS_KEY_FILE: privateKeyFile.optional().describe('Its private key, PEM'),
  OUTBOX_KEPT_HOURS: z.coerce
    .number()
    // At its start a service searches the outbox rows of the last minutes; without them, the database would seem
    // restored.
    .min(0.1)
    .max(24 * 31)
    .default(24)
    .describe(
      'How long what was published stays in the database, should a topic have to be published again, in hours; 0.1 at least',
    ),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('The least of what is logged'),
  LOG_FORMAT: z
    .enum(['auto', 'json', 'pretty'])
    .default('auto')
    .describe('How a line of the log looks: for a person, or JSON; auto asks whether a terminal is there'),
  ...telemetryEnvironment.shape,
};

/** The environment variables of a service whose HTTP interface takes access tokens. */
export const resourceServerEnvironment = {
  ...serviceEnvironment,
  ISSUER: publicUrl.describe('The authorization server: iss of access tokens'),
  REQUESTS_PER_SECOND_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(500)
    .meta({ description: 'Requests from one address; further ones get 429', unit: 'requests a second' }),
};

/** The environment variables of `--migrate-only`, which connects as the owner of the service's database. */
export const migrationEnvironment = {
  ...databaseEnvironment,
  POSTGRES_SERVICE_ROLE: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('The role that gets the service’s rights; none gets any where it is absent'),
};

const belonging: RequiredTogether = {
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
  return environmentSchema(variables, belonging).superRefine(
    (given, context) => {
      const names = ['POSTGRES_URL', 'POSTGRES_URL_FILE'].filter((name) => name in given);
      if (names.length === 1) return;
      context.addIssue({
        code: 'custom',
        path: ['POSTGRES_URL'],
        message:
          names.length === 0
            ? 'is not set, and POSTGRES_URL_FILE neither'
            : 'is set, and POSTGRES_URL_FILE too: only one of them may be',
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
