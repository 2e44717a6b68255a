import { newId, type IdPrefix } from '@tallystick/contracts';
import * as z from 'zod';

/** The parts of JSON Schema that contracts use. */
interface JsonSchema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  minItems?: number;
  minimum?: number;
  minLength?: number;
  pattern?: string;
  format?: string;
}

/** Texts that patterns of contracts accept: one of them fits. */
const TEXTS = ['ATTACK-1', 'attack', 'a'.repeat(43), '4000000000000002'];

/** Makes a body that an operation's schema accepts: the required members, each with the least value. Ids are new. */
export function leastBody(schema: z.ZodType): Record<string, unknown> {
  const body = leastValue(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema) as Record<string, unknown>;
  const { success } = schema.safeParse(body);
  if (!success) throw new Error(`no body fits ${JSON.stringify(body)}: teach leastValue its schema`);
  return body;
}

function leastValue(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [first] = schema.oneOf ?? schema.anyOf ?? [];
  if (first !== undefined) return leastValue(first);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, leastValue(schema.properties![name]!)]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => leastValue(schema.items!));
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return schema.minimum ?? 0;
    case undefined:
    default:
      return leastText(schema);
  }
}

function leastText({ pattern = '', minLength = 0, format }: JsonSchema): string {
  if (format === 'date-time') return new Date(Date.now() + 86_400_000).toISOString();
  const prefix = /^\^([a-z]{3})_\[0-9a-f\]/.exec(pattern)?.[1];
  if (prefix !== undefined) return newId(prefix as IdPrefix);
  const fits = TEXTS.find((text) => text.length >= minLength && new RegExp(pattern).test(text));
  if (fits === undefined) throw new Error(`no text fits ${pattern}: add one to TEXTS`);
  return fits;
}
