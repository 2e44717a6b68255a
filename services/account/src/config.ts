import { readEnvironment } from '@tallystick/config';
import { environmentOf, publicUrl, resourceServerEnvironment } from '@tallystick/service';
import * as z from 'zod';

/** The environment variables of the service. */
export const accountEnvironment = environmentOf({
  ...resourceServerEnvironment,
  PAYMENT_PUBLIC_URL: publicUrl.describe(
    'Origin of the payment service: the htu of a proof in evidence must begin with it',
  ),
  CARD_PUBLIC_URL: publicUrl.describe(
    'Origin of the card service: the htu of a proof in evidence must begin with it',
  ),
  EXTERNAL_ACCOUNT_OWNER: z
    .string()
    .min(1)
    .max(200)
    .describe('Client or customer that owns the external accounts, from which accounts are funded'),
  FUND_BY_TWO_OPERATORS: z
    .stringbool()
    .default(false)
    .describe(
      'Whether bringing money in needs a second operator: one proposes the transfer, another approves it',
    ),
});

export type AccountConfig = z.output<typeof accountEnvironment>;

/** @throws ConfigurationError that names every missing or invalid variable and file */
export function readConfig(env: Record<string, string | undefined>): Promise<AccountConfig> {
  return readEnvironment(accountEnvironment, env);
}
