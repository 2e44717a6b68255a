import { parseEnvironment } from '@tallystick/security';
import * as z from 'zod';

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

const publicUrl = z
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

const file = z.string().min(1);

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535),
  PUBLIC_URL: publicUrl,
  POSTGRES_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  KAFKA_BROKERS: z
    .string()
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .refine(
      (brokers) => brokers.every((broker) => /^[^\s:]+:\d{1,5}$/.test(broker)),
      'must be a list of host:port',
    ),
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/, 'must hold only letters, digits, dots, underscores and dashes')
    .default(''),
  TRUST_ANCHORS_FILE: file,
  SIGNING_KEY_FILE: file,
  TOKEN_KEY_FILE: file,
  REGISTRAR_KEY_FILE: file,
  REGISTRAR_CERTIFICATE_FILE: file,
  COOKIE_KEYS_FILE: file,
  SEED_FILE: file.optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export interface AuthConfig {
  /** 0: any free one. */
  port: number;
  /** The issuer: the origin under which clients and browsers reach this service. */
  publicUrl: string;
  postgresUrl: string;
  kafkaBrokers: readonly string[];
  topicPrefix: string;
  trustAnchorsFile: string;
  signingKeyFile: string;
  tokenKeyFile: string;
  registrarKeyFile: string;
  registrarCertificateFile: string;
  cookieKeysFile: string;
  seedFile: string | undefined;
  logLevel: string;
}

/**
 * Reads the service's settings from its environment.
 * @throws ConfigurationError with every fault at once, each naming its variable, never its value
 */
export function readConfig(env: Record<string, string | undefined>): AuthConfig {
  const settings = parseEnvironment(environment, env);
  return {
    port: settings.PORT,
    publicUrl: settings.PUBLIC_URL,
    postgresUrl: settings.POSTGRES_URL,
    kafkaBrokers: settings.KAFKA_BROKERS,
    topicPrefix: settings.TOPIC_PREFIX,
    trustAnchorsFile: settings.TRUST_ANCHORS_FILE,
    signingKeyFile: settings.SIGNING_KEY_FILE,
    tokenKeyFile: settings.TOKEN_KEY_FILE,
    registrarKeyFile: settings.REGISTRAR_KEY_FILE,
    registrarCertificateFile: settings.REGISTRAR_CERTIFICATE_FILE,
    cookieKeysFile: settings.COOKIE_KEYS_FILE,
    seedFile: settings.SEED_FILE,
    logLevel: settings.LOG_LEVEL,
  };
}
