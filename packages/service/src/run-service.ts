import type { ServiceName } from '@tallystick/contracts';
import { contractsOf } from '@tallystick/interfaces';
import { isTransient, type MigrationSource } from '@tallystick/postgres';
import { ConfigurationError } from '@tallystick/config';

/** The program of a service. */
export interface ServiceProgram {
  /** The service's own tables. */
  schema: MigrationSource;
  /** @param env the settings */
  start(env: Record<string, string | undefined>): Promise<{ stop(): Promise<void> }>;
}

/** If a stopping service hangs, the process exits after this time; its work is safe in the database. */
const STOP_TIMEOUT_MS = 20_000;

/** What a service does instead of starting, by its flag. @returns the exit status */
export type ServiceFlags = Readonly<
  Record<`--${string}`, (service: ServiceName, load: () => Promise<ServiceProgram>) => Promise<0 | 1>>
>;

const commonFlags: ServiceFlags = {
  '--migrate-only': async (_service, load) => {
    const [{ migrateOnly }, { schema }] = await Promise.all([import('./database.ts'), load()]);
    const ran = await migrateOnly(schema, process.env);
    await stopTelemetry();
    await print(ran.length === 0 ? 'The database is current.\n' : `Migrated: ${ran.join(', ')}\n`);
    return 0;
  },
  '--contracts': async (service) => {
    await print(`${JSON.stringify(contractsOf(service))}\n`);
    return 0;
  },
  '--can-deploy': async (service) => {
    const { canDeploy, verdictText } = await import('./registry/can-deploy.ts');
    const asker = { program: service, env: process.env, nowMs: Date.now() };
    const verdict = await canDeploy(contractsOf(service), asker);
    await print(verdictText(verdict));
    return verdict.canDeploy ? 0 : 1;
  },
};

/**
 * Starts a service and stops it on SIGTERM and SIGINT; the frame of a `main.ts`. For an invalid setting it exits with
 * status 2 and a message that names the variable or file. With a flag it does something else and exits: `--migrate-only`
 * runs the migrations, `--contracts` prints the contracts of this release, `--can-deploy` decides whether it may go live
 * beside what runs (status 1: no).
 * @param load loads the program; a question about the contracts is answered without it
 * @param ownFlags further flags of this service
 */
export async function runService(
  service: ServiceName,
  load: () => Promise<ServiceProgram>,
  ownFlags: ServiceFlags = {},
): Promise<void> {
  try {
    const flags: ServiceFlags = { ...commonFlags, ...ownFlags };
    const flag = flagIn(process.argv.slice(2), flags);
    if (flag !== undefined) {
      process.exit(await flags[flag]!(service, load));
    }
    const started = await (await load()).start(process.env);
    const stop = async (): Promise<void> => {
      setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
      await started.stop();
      await stopTelemetry();
      process.exit(0);
    };
    process.once('SIGTERM', () => void stop());
    process.once('SIGINT', () => void stop());
  } catch (error) {
    if (error instanceof ConfigurationError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(error.exitCode);
    }
    const sentence = missingPart(error);
    if (sentence === undefined) throw error;
    process.stderr.write(`${sentence}\n`);
    process.exit(1);
  }
}

function flagIn(args: readonly string[], flags: ServiceFlags): keyof ServiceFlags | undefined {
  const [flag, ...rest] = args;
  if (flag === undefined) return undefined;
  if (rest.length === 0 && Object.hasOwn(flags, flag)) return flag as keyof ServiceFlags;
  throw new ConfigurationError(`${args.join(' ')}: is no flag; there is ${Object.keys(flags).join(', ')}`);
}

/** Stops the telemetry of this process. A question about the contracts needs none, so it is not loaded for it. */
async function stopTelemetry(): Promise<void> {
  const telemetry = await import('@tallystick/telemetry');
  await telemetry.stopTelemetry();
}

/** Waits until the text is written: the exit of a process discards what a pipe did not take yet. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) =>
    process.stdout.write(text, (error) => (error ? reject(error) : resolve())),
  );
}

/** Permanent errors of a database, in addition to the transient ones: unknown hosts, passwords and database names. */
const UNUSABLE_DATABASE: ReadonlySet<string> = new Set(['ENOTFOUND', '28P01', '3D000']);
/** Node's error codes for an untrusted certificate or one of another host. */
const UNTRUSTED = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_)/;
const NO_RIGHT = '42501';

/** Returns a sentence that says how to provide an unavailable dependency; `undefined` for any other fault. */
function missingPart(error: unknown): string | undefined {
  const {
    code = '',
    name,
    port,
    address,
    message,
  } = error as { code?: string; name?: string; port?: number; address?: string; message?: string };
  if (code === 'EADDRINUSE') return `PORT: ${port} is taken; choose another, or end what listens there.`;
  if (code === 'EADDRNOTAVAIL') return `LISTEN_HOST: this machine has no address ${address}; choose another.`;
  if (code === 'EACCES' && port !== undefined)
    return `PORT: ${port} may not be opened by this user; choose one above 1023.`;
  if (code === 'ENOSPC') return 'The disk is full; free some space.';
  if (name?.startsWith('KafkaJS'))
    return `KAFKA_BROKERS: no broker can be reached (${message}); start Kafka, or name another.`;
  if (code === NO_RIGHT)
    return 'POSTGRES_URL: its role may not bring the database forward; name the owner, or set MIGRATIONS to await.';
  if (UNTRUSTED.test(code))
    return `POSTGRES_URL: the server's certificate is not trusted (${code}); name its authority as sslrootcert.`;
  if (UNUSABLE_DATABASE.has(code) || isTransient(error))
    return `POSTGRES_URL: the database cannot be used (${code === '' ? message : code}); start Postgres, or name another.`;
  return undefined;
}
