import { readConfig } from './config.ts';
import { startAccount } from './service.ts';

export { accountSchema as schema } from './store/schema.ts';

/** Starts the service. @throws ConfigurationError if a setting is missing or invalid */
export async function start(env: Record<string, string | undefined>): ReturnType<typeof startAccount> {
  return startAccount(await readConfig(env));
}
