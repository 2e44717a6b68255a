import type { JsonSchema } from '@tallystick/interfaces';
import { escaped, table } from './mdx.ts';

interface Field {
  path: string;
  type: string;
  required: 'yes' | 'no' | 'for some';
  description: string;
}

/** Writes the fields of an object as a table: nested ones by their path, those of variants together. */
export function fieldTable(schema: JsonSchema): string {
  return table(
    ['field', 'type', 'required', 'meaning'],
    fieldsOf(schema, '').map(({ path, type, required, description }) => [
      `\`${path}\``,
      escaped(type),
      required,
      escaped(description),
    ]),
  );
}

function fieldsOf(schema: JsonSchema, at: string): Field[] {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const required = (schema['required'] ?? []) as string[];
  return Object.entries(properties).flatMap(([name, one]) => {
    const path = at === '' ? name : `${at}.${name}`;
    const field: Field = {
      path,
      type: typeOf(one),
      required: required.includes(name) ? 'yes' : 'no',
      description: descriptionOf(one),
    };
    return [field, ...nestedFields(one, path)];
  });
}

function nestedFields(schema: JsonSchema, path: string): Field[] {
  const items = schema['items'] as JsonSchema | undefined;
  if (items !== undefined) return nestedFields(items, `${path}[]`);
  const variants = variantsOf(schema);
  return variants.length === 0
    ? fieldsOf(schema, path)
    : together(variants.map((one) => fieldsOf(one, path)));
}

/** Merges the fields of variants: one that not each of them requires is required for some. */
function together(variants: readonly (readonly Field[])[]): Field[] {
  return [...Map.groupBy(variants.flat(), ({ path }) => path).values()].map((those) => {
    const isInEach = variants.every((fields) => fields.some(({ path }) => path === those[0]!.path));
    const isRequired = those.some(({ required }) => required === 'yes');
    const isAlwaysRequired = isInEach && those.every(({ required }) => required === 'yes');
    return {
      ...those[0]!,
      type: [...new Set(those.map(({ type }) => type))].join(' or '),
      required: isAlwaysRequired ? 'yes' : isRequired ? 'for some' : 'no',
    };
  });
}

function variantsOf(schema: JsonSchema): JsonSchema[] {
  return (schema['oneOf'] ?? schema['anyOf'] ?? []) as JsonSchema[];
}

function typeOf(schema: JsonSchema): string {
  if ('const' in schema) return `\`${JSON.stringify(schema['const'])}\``;
  const values = schema['enum'] as unknown[] | undefined;
  if (values !== undefined) {
    return values.length > 12
      ? `one of ${values.length}, such as \`${String(values[0])}\``
      : values.map((value) => `\`${String(value)}\``).join(', ');
  }
  const variants = variantsOf(schema);
  if (variants.length > 0) return [...new Set(variants.map(typeOf))].join(' or ');
  if (schema['type'] === 'array') return `list of ${typeOf((schema['items'] ?? {}) as JsonSchema)}`;
  if (schema['format'] === 'date-time') return 'time (ISO 8601, UTC)';
  return (schema['type'] as string | undefined) ?? 'any value';
}

function descriptionOf(schema: JsonSchema): string {
  const { minimum, maximum, minLength, maxLength, examples } = schema as {
    minimum?: number;
    maximum?: number;
    minLength?: number;
    maxLength?: number;
    examples?: unknown[];
  };
  const preset = schema['default'];
  const limits = [
    minimum !== undefined && Math.abs(minimum) < Number.MAX_SAFE_INTEGER ? `at least ${minimum}` : undefined,
    maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? `at most ${maximum}` : undefined,
    minLength !== undefined && minLength > 1 ? `at least ${minLength} characters` : undefined,
    maxLength !== undefined ? `at most ${maxLength} characters` : undefined,
    preset === undefined ? undefined : `defaults to \`${JSON.stringify(preset)}\``,
    preset === undefined && typeof examples?.[0] === 'string' ? `such as \`${examples[0]}\`` : undefined,
  ].filter((one) => one !== undefined);
  return [schema['description'] as string | undefined, limits.join(', ')]
    .filter((one) => one !== undefined && one !== '')
    .join('; ');
}
