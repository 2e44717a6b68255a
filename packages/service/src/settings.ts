import * as z from 'zod';

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An origin that others reach a service at: https, but on loopback. */
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

/** A path of a file, which is read when the service starts. */
export const file = z.string().min(1);

/** The environment variables that every service takes. A service adds its own beside them. */
export const serviceEnvironment = {
  /** 0: any free port. */
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
  /** How long what was published stays in the database, should a topic have to be published again. */
  OUTBOX_KEPT_HOURS: z.coerce
    .number()
    .min(0)
    .max(24 * 31)
    .default(24),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
};

/** … and those of a service whose HTTP interface takes access tokens. */
export const resourceServerEnvironment = {
  ...serviceEnvironment,
  /** The authorization server: `iss` of access tokens. */
  ISSUER: publicUrl,
  /** Most requests a second from one address; further ones get 429. */
  REQUESTS_PER_SECOND_MAX: z.coerce.number().int().min(1).max(1_000_000).default(500),
};

export type ServiceSettings = z.output<z.ZodObject<typeof serviceEnvironment>>;
export type ResourceServerSettings = z.output<z.ZodObject<typeof resourceServerEnvironment>>;
