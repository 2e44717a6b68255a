import { accountEnvironment } from '@tallystick/account/config.ts';
import { authEnvironment } from '@tallystick/auth/config.ts';
import { cardEnvironment } from '@tallystick/card/config.ts';
import type { ServiceName } from '@tallystick/contracts';
import { paymentEnvironment } from '@tallystick/payment/config.ts';
import { migrationEnvironment } from '@tallystick/service';
import type * as z from 'zod';

/** The variables that each service reads, as its schema has them. */
export const serviceVariables: Record<ServiceName, z.ZodRawShape> = {
  auth: authEnvironment.shape,
  account: accountEnvironment.shape,
  card: cardEnvironment.shape,
  payment: paymentEnvironment.shape,
};

/** Those of `--migrate-only`, of every service alike. */
export const migrationVariables: z.ZodRawShape = migrationEnvironment;

/** What the schema of a variable says of it. */
export interface Setting {
  name: string;
  /** what it does, as its schema describes it */
  effect: string;
  /** what a value is: its unit or form, or the words that it may be */
  value: string;
  /** `undefined`: none, and it may be absent where it is not required */
  byDefault: string | undefined;
  isRequired: boolean;
}

/**
 * Reads what a schema says of a variable.
 * @throws Error where the schema does not describe it
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

/** The schema of the text itself, below what makes it optional, gives it a default or makes something else of it. */
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
