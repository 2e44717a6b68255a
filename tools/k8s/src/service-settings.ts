import { accountEnvironment } from '@tallystick/account/config.ts';
import { authEnvironment } from '@tallystick/auth/config.ts';
import { cardEnvironment } from '@tallystick/card/config.ts';
import type { ServiceName } from '@tallystick/contracts';
import { paymentEnvironment } from '@tallystick/payment/config.ts';
import { migrationEnvironment } from '@tallystick/service';
import type * as z from 'zod';
import type { ProgramSettings } from './rules/settings.ts';

const services: Record<ServiceName, z.ZodObject> = {
  auth: authEnvironment,
  account: accountEnvironment,
  card: cardEnvironment,
  payment: paymentEnvironment,
};

/** Which variables each service takes, by the schemas with which it reads them. */
export function serviceSettings(): Map<string, ProgramSettings> {
  return new Map(
    Object.entries(services).map(([service, { shape }]) => {
      const { required, optional } = settingsOf(shape);
      // An issuer is what all have in common, and auth calls its own address so.
      return [service, { required, optional: [...optional, 'ISSUER'] }];
    }),
  );
}

/** Which variables `--migrate-only` takes. Without the role that it is for, a service would wait for ever. */
export function migrationSettings(): ProgramSettings {
  const { optional } = settingsOf(migrationEnvironment);
  return { required: ['POSTGRES_SERVICE_ROLE'], optional };
}

function settingsOf(shape: z.ZodRawShape): ProgramSettings {
  const names = Object.keys(shape);
  const isRequired = (name: string): boolean => !(shape[name] as z.ZodType).isOptional();
  return { required: names.filter(isRequired), optional: names.filter((name) => !isRequired(name)) };
}
