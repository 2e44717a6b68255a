import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from '../json-schema.ts';
import { isAnnotation, patternsOf } from './schema-parts.ts';

/** Keywords of texts, numbers, truth values and null that {@link accepts} decides. */
const DECIDED = new Set([
  'type',
  'const',
  'enum',
  'anyOf',
  'oneOf',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'properties',
  'required',
  'additionalProperties',
  'propertyNames',
  'items',
  'minItems',
  'maxItems',
]);

/**
 * Decides whether a schema accepts a text, a number, a truth value or null.
 * @returns `undefined` if it cannot tell
 */
export function accepts(schema: JsonSchema, value: unknown): boolean | undefined {
  const { anyOf, oneOf } = schema as { anyOf?: JsonSchema[]; oneOf?: JsonSchema[] };
  const verdicts = [acceptsItself(schema, value)];
  if (anyOf !== undefined) verdicts.push(anyOfThem(anyOf.map((branch) => accepts(branch, value))));
  if (oneOf !== undefined) verdicts.push(oneOfThem(oneOf.map((branch) => accepts(branch, value))));
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}

function anyOfThem(verdicts: readonly (boolean | undefined)[]): boolean | undefined {
  if (verdicts.includes(true)) return true;
  return verdicts.includes(undefined) ? undefined : false;
}

function oneOfThem(verdicts: readonly (boolean | undefined)[]): boolean | undefined {
  if (verdicts.filter((one) => one === true).length > 1) return false;
  return verdicts.includes(undefined) ? undefined : verdicts.includes(true);
}

/** Without its branches. */
function acceptsItself(schema: JsonSchema, value: unknown): boolean | undefined {
  const { type } = schema as { type?: string | string[] };
  const types = typesOf(value);
  if (type !== undefined && ![type].flat().some((one) => types.includes(one))) return false;
  if ('const' in schema && !isDeepStrictEqual(schema['const'], value)) return false;
  const { enum: listed } = schema as { enum?: unknown[] };
  if (listed !== undefined && !listed.some((one) => isDeepStrictEqual(one, value))) return false;
  if (typeof value === 'string' && !acceptsText(schema, value)) return false;
  if (typeof value === 'number' && !acceptsNumber(schema, value)) return false;
  const isScalar = value === null || typeof value !== 'object';
  return isScalar && Object.keys(schema).every((keyword) => isAnnotation(keyword) || DECIDED.has(keyword))
    ? true
    : undefined;
}

/** Returns the names that JSON Schema has for the type of a value. */
function typesOf(value: unknown): readonly string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (typeof value !== 'number') return [typeof value];
  return Number.isInteger(value) ? ['integer', 'number'] : ['number'];
}

function acceptsText(schema: JsonSchema, value: string): boolean {
  const { minLength = 0, maxLength = Infinity } = schema as { minLength?: number; maxLength?: number };
  const { length } = Array.from(value);
  if (length < minLength || length > maxLength) return false;
  return patternsOf(schema).every((pattern) => new RegExp(pattern, 'u').test(value));
}

function acceptsNumber(schema: JsonSchema, value: number): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema as Record<
    string,
    number | undefined
  >;
  return (
    (minimum === undefined || value >= minimum) &&
    (maximum === undefined || value <= maximum) &&
    (exclusiveMinimum === undefined || value > exclusiveMinimum) &&
    (exclusiveMaximum === undefined || value < exclusiveMaximum)
  );
}
