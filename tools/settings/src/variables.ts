import { accountEnvironment } from '@tallystick/account/config.ts';
import { authEnvironment } from '@tallystick/auth/config.ts';
import { cardEnvironment } from '@tallystick/card/config.ts';
import { consoleEnvironment } from '@tallystick/console/config.ts';
import type { ServiceName } from '@tallystick/contracts';
import { paymentEnvironment } from '@tallystick/payment/config.ts';
import { probeEnvironment } from '@tallystick/probe';
import { migrationEnvironment } from '@tallystick/service';
import { telemetryEnvironment } from '@tallystick/telemetry';
import type * as z from 'zod';

/** The variables of each service, from its schema. */
export const serviceVariables: Record<ServiceName, z.ZodRawShape> = {
  auth: authEnvironment.shape,
  account: accountEnvironment.shape,
  card: cardEnvironment.shape,
  payment: paymentEnvironment.shape,
  console: consoleEnvironment.shape,
};

/** The variables of `--migrate-only`, the same for every service. */
export const migrationVariables: z.ZodRawShape = migrationEnvironment;

/** The variables of the probe. */
export const probeVariables: z.ZodRawShape = { ...probeEnvironment, ...telemetryEnvironment.shape };

/** The description of a variable in its schema. */
export interface Setting {
  name: string;
  /** its effect, as its schema describes it */
  effect: string;
  /** form of a value: its unit or type, or the allowed words */
  value: string;
  /** `undefined`: no default; the variable may be absent if it is not required */
  byDefault: string | undefined;
  isRequired: boolean;
}

/**
 * Reads the description of a variable from its schema.
 * @throws Error if the schema does not describe it
 */
export function settingOf(name: string, schema: z.core.$ZodType): Setting {
  const variable = schema as z.ZodType;
  const { description, unit } = variable.meta() ?? {};
  if (description === undefined) throw new Error(`the schema of ${name} does not describe it`);
  const { inner, byDefault } = unwrap(variable);
  return {
    name,
    effect: description,
    value: typeof unit === 'string' ? unit : formOf(name, inner),
    byDefault: typeof byDefault === 'string' ? byDefault : JSON.stringify(byDefault),
    isRequired: !variable.isOptional(),
  };
}

/** Returns the schema of the text itself, without its optional, default and transform wrappers. */
function unwrap(schema: z.ZodType): { inner: z.ZodType; byDefault: unknown } {
  const { def } = schema as z.ZodType & {
    def: { type: string; innerType?: z.ZodType; in?: z.ZodType; defaultValue?: unknown };
  };
  const below = def.innerType ?? def.in;
  if (below === undefined) return { inner: schema, byDefault: undefined };
  const { inner, byDefault } = unwrap(below);
  return { inner, byDefault: def.type === 'default' ? def.defaultValue : byDefault };
}

function formOf(name: string, schema: z.ZodType): string {
  const { def } = schema as z.ZodType & { def: { type: string; entries?: object } };
  if (def.entries !== undefined)
    return Object.keys(def.entries)
      .map((word) => `\`${word}\``)
      .join(', ');
  if (name.endsWith('_FILE')) return 'path';
  if (/_URL$|^ISSUER$|_ENDPOINT$/.test(name)) return 'URL';
  return def.type === 'number' ? 'number' : 'text';
}
