import { isConfidential } from '@tallystick/contracts';
import * as z from 'zod';
import { storedText } from './stored-text.ts';

/** The longest text of a field. Longer ones, such as declared contracts, are cut. */
const TEXT_CHARS_MAX = 400;
const ITEMS_MAX = 50;

/** A field that may be stored: JSON without confidential fields. */
export type Storable =
  string | number | boolean | null | readonly Storable[] | { readonly [field: string]: Storable };

interface Definition {
  type: string;
  shape?: Record<string, z.ZodType>;
  innerType?: z.ZodType;
  element?: z.ZodType;
  valueType?: z.ZodType;
  options?: readonly z.ZodType[];
  values?: readonly unknown[];
}

/**
 * Returns the part of a payload that may be stored: the fields that its schema names and does not classify as confidential.
 * The payload need not match the schema; what does not is left out.
 * @param value in its wire form, as JSON
 * @returns `undefined` if nothing is left
 */
export function storableFields(schema: z.ZodType, value: unknown): Storable | undefined {
  if (isConfidential(schema)) return undefined;
  const def = schema._zod.def as unknown as Definition;
  if (def.innerType !== undefined) return storableFields(def.innerType, value);
  if (def.options !== undefined) return inUnion(def.options, value);
  if (def.shape !== undefined) return isRecord(value) ? inObject(def.shape, value) : undefined;
  if (def.element !== undefined) {
    if (!Array.isArray(value)) return undefined;
    const element = def.element;
    return value.slice(0, ITEMS_MAX).flatMap((item) => storableFields(element, item) ?? []);
  }
  return leaf(value);
}

function inObject(shape: Record<string, z.ZodType>, value: Record<string, unknown>): Storable | undefined {
  const fields = Object.entries(shape).flatMap(([name, field]) => {
    const kept = Object.hasOwn(value, name) ? storableFields(field, value[name]) : undefined;
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** Follows the option whose literal fields the value has. */
function inUnion(options: readonly z.ZodType[], value: unknown): Storable | undefined {
  if (!isRecord(value)) return options.some(isConfidential) ? undefined : leaf(value);
  const chosen = options.find((option) => {
    const { shape } = option._zod.def as unknown as Definition;
    if (shape === undefined) return false;
    return Object.entries(shape).every(([name, field]) => {
      const { type, values } = field._zod.def as unknown as Definition;
      return type !== 'literal' || values?.includes(value[name]) === true;
    });
  });
  return chosen === undefined ? undefined : storableFields(chosen, value);
}

function leaf(value: unknown): Storable | undefined {
  if (typeof value === 'string') return storedText(value, TEXT_CHARS_MAX);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'boolean' ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
