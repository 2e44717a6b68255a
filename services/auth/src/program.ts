import { readConfig } from './config.ts';
import { startAuth } from './service.ts';

export { authSchema as schema } from './store/schema.ts';

/** Starts the service. @throws ConfigurationError if a setting is missing or invalid */
export async function start(env: Record<string, string | undefined>): ReturnType<typeof startAuth> {
  return startAuth(await readConfig(env));
}
