import { readEnvironment } from '@tallystick/config';
import { environmentOf, resourceServerEnvironment } from '@tallystick/service';
import * as z from 'zod';

/** What the service reads from its environment. */
export const paymentEnvironment = environmentOf(resourceServerEnvironment);

export type PaymentConfig = z.output<typeof paymentEnvironment>;

/** @throws ConfigurationError that names every variable and every file that is missing or wrong */
export function readConfig(env: Record<string, string | undefined>): Promise<PaymentConfig> {
  return readEnvironment(paymentEnvironment, env);
}
