import { readConfig } from './config.ts';
import { startPayment } from './service.ts';

export { paymentSchema as schema } from './store/schema.ts';

/** Starts the service. @throws ConfigurationError if a setting is missing or invalid */
export async function start(env: Record<string, string | undefined>): ReturnType<typeof startPayment> {
  return startPayment(await readConfig(env));
}
