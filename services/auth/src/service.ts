import { createPool, migrate, type Pool } from '@tallystick/postgres';
import { createLogger } from '@tallystick/telemetry';
import type { AuthConfig } from './config.ts';
import { createApp } from './http/app.ts';
import { healthRoutes } from './http/health.ts';
import { loginRoutes } from './http/login.ts';
import { listen } from './http/server.ts';
import { readCookieKeys, readTokenKey } from './keys.ts';
import { adapterFactory } from './oidc/adapter.ts';
import { providerPages } from './oidc/pages.ts';
import { createProvider } from './oidc/provider.ts';
import { readSeed, seedClients, seedCustomers } from './seed.ts';
import { createSignIn } from './sign-in.ts';
import { findCustomer } from './store/customers.ts';
import { createOidcRecords } from './store/oidc-records.ts';
import { createSignInAttempts, sweepSignInAttempts } from './store/sign-in-attempts.ts';
import { startSweeper } from './store/sweep.ts';

// By way of the package's root: the compiler copies no SQL to dist/.
const MIGRATIONS = new URL('../src/store/migrations/', import.meta.url);

export interface AuthService {
  /** Where this instance listens. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the auth service: database brought forward, seed applied, pages and endpoints served.
 * @throws ConfigurationError where a setting or a file that it names is wrong
 */
export async function startAuth(config: AuthConfig): Promise<AuthService> {
  const logger = createLogger({ service: 'auth', level: config.logLevel });
  const tokenKey = await readTokenKey(config.tokenKeyFile);
  const cookieKeys = await readCookieKeys(config.cookieKeysFile);
  const seed = config.seedFile === undefined ? undefined : await readSeed(config.seedFile);

  const pool = createPool({
    url: config.postgresUrl,
    applicationName: 'auth',
    onIdleError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  });
  try {
    await migrate(pool, { scope: 'auth', directory: MIGRATIONS });
    const records = createOidcRecords(pool);
    const provider = createProvider({
      issuer: config.publicUrl,
      records,
      tokenKeys: [tokenKey],
      cookieKeys,
      customerExists: async (id) => (await findCustomer(pool, id)) !== undefined,
      pages: providerPages,
    });
    provider.on('server_error', (_ctx, error) =>
      logger.error({ err: error }, 'the authorization server failed'),
    );
    if (seed !== undefined) {
      await seedCustomers(pool, seed.customers);
      const clients = adapterFactory(records)('Client');
      await seedClients(provider, seed.clients, (id, metadata) => clients.upsert(id, { ...metadata }));
    }

    const app = createApp({
      publicUrl: config.publicUrl,
      provider,
      health: healthRoutes(() => answers(pool)),
      login: loginRoutes({
        provider,
        signIn: await createSignIn(pool, createSignInAttempts(pool)),
        customer: (id) => findCustomer(pool, id),
      }),
      onFault: (error) => logger.error({ err: error }, 'a page failed'),
    });
    const server = await listen(app, config.port, config.publicUrl);
    const sweeper = startSweeper(
      [(limit) => records.sweep(limit), (limit) => sweepSignInAttempts(pool, limit)],
      (error) => logger.warn({ err: error }, 'a sweep failed'),
    );
    logger.info({ port: server.port, issuer: config.publicUrl }, 'auth is ready');
    return {
      url: `http://127.0.0.1:${server.port}`,
      async stop() {
        await server.stop();
        await sweeper.stop();
        await pool.end();
      },
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

async function answers(pool: Pool): Promise<boolean> {
  try {
    await pool.query('SELECT 1');
    return true;
  } catch {
    return false;
  }
}
