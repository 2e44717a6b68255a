import { parseEnvironment } from '@tallystick/security';
import { environmentOf, resourceServerEnvironment } from '@tallystick/service';
import * as z from 'zod';

const environment = environmentOf(resourceServerEnvironment);

export type PaymentConfig = z.output<typeof environment>;

/** @throws ConfigurationError that names every variable that is missing or wrong */
export function readConfig(env: Record<string, string | undefined>): PaymentConfig {
  return parseEnvironment(environment, env);
}
