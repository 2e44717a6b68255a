import { readConfig } from './config.ts';
import { startConsole } from './service.ts';

export { consoleSchema as schema } from './store/schema.ts';

/** Starts the service. @throws ConfigurationError if a setting is missing or invalid */
export async function start(env: Record<string, string | undefined>): ReturnType<typeof startConsole> {
  return startConsole(await readConfig(env));
}
