import type { JsonSchema } from './json-schema.ts';

/** Values for formats, and for text without a pattern. */
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-11-28T12:00:00Z',
  uri: 'https://example.com',
};
const TEXT = 'text';

/**
 * Builds an example of a schema: its own examples, constants and first variants, with the required fields of objects only.
 * @param at the place in the schema, for errors
 * @throws Error that names a field with a pattern and without an example
 */
export function exampleOf(schema: JsonSchema, at = ''): unknown {
  const {
    examples,
    default: preset,
    enum: values,
  } = schema as { examples?: unknown[]; default?: unknown; enum?: unknown[] };
  if (examples?.[0] !== undefined) return examples[0];
  if ('const' in schema) return schema['const'];
  if (preset !== undefined) return preset;
  if (values !== undefined) return values[0];
  const variants = (schema['oneOf'] ?? schema['anyOf']) as JsonSchema[] | undefined;
  if (variants !== undefined) return exampleOf(variants[0]!, at);
  switch (schema['type']) {
    case 'object':
      return exampleOfObject(schema, at);
    case 'array': {
      const count = Number(schema['minItems'] ?? 0);
      return Array.from({ length: count }, () => exampleOf(schema['items'] as JsonSchema, `${at}/0`));
    }
    case 'integer':
    case 'number':
      return Math.max(Number(schema['minimum'] ?? 1), 1);
    case 'boolean':
      return false;
    case 'string':
      return exampleOfText(schema, at);
    default:
      return {};
  }
}

function exampleOfObject(schema: JsonSchema, at: string): Record<string, unknown> {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const required = (schema['required'] ?? []) as string[];
  return Object.fromEntries(
    required.map((name) => [name, exampleOf(properties[name] ?? {}, `${at}/${name}`)]),
  );
}

function exampleOfText({ format, pattern, allOf, minLength, maxLength }: JsonSchema, at: string): string {
  const known = FORMATS[String(format)];
  if (known !== undefined) return known;
  if (pattern !== undefined || allOf !== undefined)
    throw new Error(`${at}: a text with a pattern needs an example: .meta({ examples: […] })`);
  return TEXT.padEnd(Number(minLength ?? 0), '.').slice(0, Number(maxLength ?? TEXT.length));
}
