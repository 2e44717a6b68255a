import { currencies, currency, id, idPrefixes, isConfidential, type IdPrefix } from '@tallystick/contracts';
import * as z from 'zod';

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = { [keyword: string]: unknown };

/** The pattern that zod gives to `iso.datetime()`: 350 characters that say no more than `format` does. */
const DATE_TIME = { type: 'string', format: 'date-time' };

/**
 * Derives the JSON Schema of a value on the wire: amounts are integers, and fields with a default are optional.
 * @throws Error if a part of the schema has no form in JSON Schema
 */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return derived(schema, () => ({}));
}

/** Derives the JSON Schema with `x-classification` and `x-discriminator`, which documents do not show. */
export function markedSchemaOf(schema: z.ZodType): JsonSchema {
  return derived(schema, (part) => {
    const { discriminator } = part._zod.def as { discriminator?: string };
    return {
      ...(isConfidential(part) ? { 'x-classification': 'confidential' } : {}),
      ...(discriminator === undefined ? {} : { 'x-discriminator': discriminator }),
    };
  });
}

function derived(schema: z.ZodType, marks: (part: z.core.$ZodType) => JsonSchema): JsonSchema {
  const { $schema: _draft, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      Object.assign(jsonSchema, marks(zodSchema));
    },
  }) as JsonSchema;
  return json;
}

/** Schemas that many interfaces share, by the name of their component. */
export function sharedSchemas(): Record<string, JsonSchema> {
  const ids = Object.entries(idPrefixes).map(([prefix, name]) => [
    `${pascalCase(name)}Id`,
    jsonSchemaOf(id(prefix as IdPrefix)),
  ]);
  return Object.fromEntries([
    ...ids,
    [
      'Currency',
      { ...jsonSchemaOf(currency), 'x-minor-units': Object.fromEntries(Object.entries(currencies)) },
    ],
    ['Time', DATE_TIME],
  ]) as Record<string, JsonSchema>;
}

/**
 * Replaces each part of a schema that equals a shared schema by a reference to it.
 * @param base the place of the shared schemas, such as `#/components/schemas/`
 */
export function withReferences(schema: JsonSchema, base: string): JsonSchema {
  return referenced(schema, base) as JsonSchema;
}

/** Returns the schemas to which {@link withReferences} refers, by name, with nothing but the schema. */
export function referableSchemas(): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(sharedSchemas()).map(([name, { 'x-minor-units': _minorUnits, ...schema }]) => [
      name,
      schema,
    ]),
  );
}

const named: ReadonlyMap<string, string> = new Map(
  Object.entries(referableSchemas()).map(([name, schema]) => [JSON.stringify(schema), name]),
);

function referenced(part: unknown, base: string): unknown {
  if (Array.isArray(part)) return part.map((one) => referenced(one, base));
  if (part === null || typeof part !== 'object') return part;
  const name = named.get(JSON.stringify(part));
  if (name !== undefined) return { $ref: base + name };
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, referenced(value, base)]));
}

/** Writes a name in words as a name of a type: `card authorization` → `CardAuthorization`. */
export function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|[^a-zA-Z0-9])+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
