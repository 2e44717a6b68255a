import { migrationVariables, probeVariables, serviceVariables, settingOf } from '@tallystick/settings';
import type * as z from 'zod';
import type { ProgramSettings } from './rules/settings.ts';

/** Returns the variables of each service, from the schemas with which it reads them. */
export function serviceSettings(): Map<string, ProgramSettings> {
  return new Map(
    Object.entries(serviceVariables).map(([service, shape]) => {
      const { required, optional } = settingsOf(shape);
      // All services have an issuer in common, and auth uses the name for its own address.
      return [service, { required, optional: [...optional, 'ISSUER'] }];
    }),
  );
}

/** Returns the variables of the probe. */
export function probeSettings(): ProgramSettings {
  return settingsOf(probeVariables);
}

/** Returns the variables of `--migrate-only`. The role is required: without it, a service would wait for ever. */
export function migrationSettings(): ProgramSettings {
  return { required: ['POSTGRES_SERVICE_ROLE'], optional: settingsOf(migrationVariables).optional };
}

function settingsOf(shape: z.ZodRawShape): ProgramSettings {
  const settings = Object.entries(shape).map(([name, schema]) => settingOf(name, schema));
  const namesOf = (isRequired: boolean): string[] =>
    settings.filter((one) => one.isRequired === isRequired).map(({ name }) => name);
  return { required: namesOf(true), optional: namesOf(false) };
}
