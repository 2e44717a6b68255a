import { parseEnvironment } from '@tallystick/security';
import { resourceServerEnvironment } from '@tallystick/service';
import * as z from 'zod';

const environment = z.object(resourceServerEnvironment);

export type PaymentConfig = z.output<typeof environment>;

/** @throws ConfigurationError that names every variable that is missing or wrong */
export function readConfig(env: Record<string, string | undefined>): PaymentConfig {
  return parseEnvironment(environment, env);
}
