import { readConfig } from './config.ts';
import { startCard } from './service.ts';

export { cardSchema as schema } from './store/schema.ts';

/** Starts the service. @throws ConfigurationError if a setting is missing or invalid */
export async function start(env: Record<string, string | undefined>): ReturnType<typeof startCard> {
  return startCard(await readConfig(env));
}
