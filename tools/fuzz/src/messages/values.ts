import { exampleOf, type JsonSchema } from '@tallystick/interfaces';
import { firstJtiAt, idPrefixes, type IdPrefix } from '@tallystick/contracts';
import fc from 'fast-check';

/** What values refer to. */
export interface Known {
  /** Real ids by their prefix: without them every message would be about nothing. */
  ids: Partial<Record<IdPrefix, readonly string[]>>;
  /** The time in half of the new ids, in milliseconds since the epoch: orders with an id of another time are refused. */
  nowMs: number;
}

const ID_PATTERN = /^\^([a-z]{3})_\[0-9a-f\]/;
/** The time at the beginning of a UUIDv7, with its dash. */
const TIME_CHARS = 13;
const ITEMS_MAX = 3;
const FIRST_MS = Date.UTC(2020, 0);
const LAST_MS = Date.UTC(2100, 0);

/** Returns values that a schema accepts: every variant, every optional field, and the bounds of numbers and texts. */
export function valuesOf(schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  const variants = (schema['oneOf'] ?? schema['anyOf']) as JsonSchema[] | undefined;
  if (variants !== undefined) return fc.oneof(...variants.map((variant) => valuesOf(variant, known)));
  switch (schema['type']) {
    case 'object':
      return objectsOf(schema, known);
    case 'array': {
      const minLength = Number(schema['minItems'] ?? 0);
      const maxLength = Math.max(minLength, Math.min(Number(schema['maxItems'] ?? ITEMS_MAX), ITEMS_MAX));
      return fc.array(valuesOf(schema['items'] as JsonSchema, known), { minLength, maxLength });
    }
    case 'integer':
    case 'number': {
      const [min, max] = [Number(schema['minimum']), Number(schema['maximum'])];
      return fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max: Math.min(max, 10_000) }));
    }
    case 'boolean':
      return fc.boolean();
    case 'string':
      return textsOf(schema, known);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectsOf(
  { properties = {}, required = [] }: { properties?: unknown; required?: unknown },
  known: Known,
): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties as Record<string, JsonSchema>).map(
    ([name, field]) => [name, valuesOf(field, known)] as const,
  );
  return fc.record(Object.fromEntries(fields), {
    requiredKeys: required as string[],
    noNullPrototype: true,
  });
}

function textsOf(schema: JsonSchema, known: Known): fc.Arbitrary<string> {
  const pattern = schema['pattern'] as string | undefined;
  const prefix = ID_PATTERN.exec(pattern ?? '')?.[1] as IdPrefix | undefined;
  if (prefix !== undefined && Object.hasOwn(idPrefixes, prefix)) return idsOf(prefix, known);
  if (schema['format'] === 'date-time')
    return fc.integer({ min: FIRST_MS, max: LAST_MS }).map((ms) => new Date(ms).toISOString());
  // Assertions are beyond fast-check, and so are several patterns at once.
  if (schema['allOf'] !== undefined || pattern?.includes('(?') === true)
    return fc.constant(String(exampleOf(schema)));
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  // No control characters: only services send text without a pattern, and they have stored it before.
  return fc.string({
    unit: 'grapheme',
    minLength: Number(schema['minLength'] ?? 0),
    maxLength: Math.min(Number(schema['maxLength'] ?? 100), 300),
  });
}

function idsOf(prefix: IdPrefix, { ids, nowMs }: Known): fc.Arbitrary<string> {
  // Without a bias towards bounds, so that no two messages concern the same new object.
  const anyTime = fc.noBias(fc.uuid({ version: 7 }));
  const fresh = fc.tuple(anyTime, fc.boolean()).map(([uuid, isNow]) => {
    const time = isNow ? firstJtiAt(nowMs) : uuid;
    return `${prefix}_${time.slice(0, TIME_CHARS)}${uuid.slice(TIME_CHARS)}`;
  });
  const known = ids[prefix] ?? [];
  return known.length === 0 ? fresh : fc.oneof(fresh, fc.constantFrom(...known));
}
