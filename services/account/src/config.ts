import { readEnvironment } from '@tallystick/security';
import { environmentOf, publicUrl, resourceServerEnvironment } from '@tallystick/service';
import * as z from 'zod';

/** What the service reads from its environment. */
export const accountEnvironment = environmentOf({
  ...resourceServerEnvironment,
  /** Where the operations are served whose requests are evidence: a proof's `htu` must begin with it. */
  PAYMENT_PUBLIC_URL: publicUrl,
  CARD_PUBLIC_URL: publicUrl,
  /** The client or customer that owns the outside-world accounts, from which accounts are funded. */
  OUTSIDE_WORLD_OWNER: z.string().min(1).max(200),
});

export type AccountConfig = z.output<typeof accountEnvironment>;

/** @throws ConfigurationError that names every variable and every file that is missing or wrong */
export function readConfig(env: Record<string, string | undefined>): Promise<AccountConfig> {
  return readEnvironment(accountEnvironment, env);
}
