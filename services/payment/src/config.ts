import { readEnvironment } from '@tallystick/config';
import { environmentOf, resourceServerEnvironment } from '@tallystick/service';
import * as z from 'zod';

/** The environment variables of the service. */
export const paymentEnvironment = environmentOf(resourceServerEnvironment);

export type PaymentConfig = z.output<typeof paymentEnvironment>;

/** @throws ConfigurationError that names every missing or invalid variable and file */
export function readConfig(env: Record<string, string | undefined>): Promise<PaymentConfig> {
  return readEnvironment(paymentEnvironment, env);
}
