import type { JsonSchema } from '../json-schema.ts';

/** Keywords that say something about a value and refuse none. */
const ANNOTATIONS = new Set([
  '$comment',
  '$id',
  '$schema',
  'default',
  'deprecated',
  'description',
  'discriminator',
  'example',
  'examples',
  'readOnly',
  'title',
  'writeOnly',
]);

/** Keywords whose values are schemas by name; the names are data. */
const MAPS = new Set(['$defs', 'patternProperties', 'properties']);

/** Keywords whose order says nothing. */
const SETS = new Set(['enum', 'required', 'type']);

/** Returns whether a keyword says something about a value and refuses none. */
export function isAnnotation(keyword: string): boolean {
  return ANNOTATIONS.has(keyword) || keyword.startsWith('x-');
}

/** Returns the part of a schema that refuses values, in an order that says nothing. */
export function constraintsOf(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(constraintsOf);
  if (part === null || typeof part !== 'object') return part;
  return Object.fromEntries(
    Object.entries(part)
      .filter(([keyword]) => !isAnnotation(keyword))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([keyword, value]) => [keyword, keywordOf(keyword, value)]),
  );
}

function keywordOf(keyword: string, value: unknown): unknown {
  if (keyword === 'const') return value;
  if (SETS.has(keyword)) return Array.isArray(value) ? inOrder(value) : value;
  if (MAPS.has(keyword))
    return Object.fromEntries(
      Object.entries(value as object)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, schema]) => [name, constraintsOf(schema)]),
    );
  return constraintsOf(value);
}

/** Returns a list in an order that depends on its values only. */
export function inOrder(values: readonly unknown[]): unknown[] {
  const text = (value: unknown): string => JSON.stringify(value);
  return values.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** Returns whether two schemas refuse the same values because they are written alike. */
export function isSameSchema(a: unknown, b: unknown): boolean {
  return JSON.stringify(constraintsOf(a)) === JSON.stringify(constraintsOf(b));
}

/** Returns whether a schema refuses nothing. */
export function isAnything(schema: JsonSchema): boolean {
  return Object.keys(schema).every(isAnnotation);
}

/** Returns the fields of an object's schema, by name. */
export function propertiesOf({ properties }: JsonSchema): Record<string, JsonSchema> {
  // Without a prototype: a field may be called `constructor`.
  return Object.assign(Object.create(null), properties) as Record<string, JsonSchema>;
}

/** Returns the names of the fields that an object must have. */
export function requiredOf({ required }: JsonSchema): readonly string[] {
  return (required ?? []) as string[];
}

/** Whether an object may have fields that its schema does not list: any, none, or those of a schema. */
export function opennessOf({ additionalProperties: more }: JsonSchema): 'open' | 'closed' | JsonSchema {
  if (more === undefined || more === true) return 'open';
  if (more === false) return 'closed';
  return isAnything(more as JsonSchema) ? 'open' : (more as JsonSchema);
}

/** Stands for keywords that occur twice, beside a branch and in it: no reader is decided by such a branch. */
const CONFLICT = { $conflict: true };

/** The parts of which one must hold, each with the keywords beside them; one part if the schema has no branches. */
export function branchesOf(schema: JsonSchema): JsonSchema[] {
  const { anyOf, oneOf, ...beside } = schema;
  const branches = (oneOf ?? anyOf) as JsonSchema[] | undefined;
  if (branches !== undefined) {
    const siblings = Object.fromEntries(Object.entries(beside).filter(([keyword]) => !isAnnotation(keyword)));
    return branches.flatMap((branch) => {
      const isTwice = Object.keys(branch).some((keyword) => keyword in siblings);
      const conflict = isTwice || (oneOf !== undefined && anyOf !== undefined) ? CONFLICT : {};
      return branchesOf({ ...siblings, ...conflict, ...branch });
    });
  }
  const { type } = schema;
  return Array.isArray(type) ? (type as string[]).map((one) => ({ ...schema, type: one })) : [schema];
}

/** Returns whether a schema, or one of its branches, has branches of which exactly one must hold. */
export function isExclusive({ anyOf, oneOf }: JsonSchema): boolean {
  return oneOf !== undefined || ((anyOf ?? []) as JsonSchema[]).some(isExclusive);
}

/** Returns the fields of a branch with one value only: by them readers recognise it. */
export function tagsOf(branch: JsonSchema): ReadonlyMap<string, unknown> {
  const required = new Set(requiredOf(branch));
  return new Map(
    Object.entries(propertiesOf(branch))
      .filter(([name, field]) => required.has(name) && 'const' in field)
      .map(([name, field]) => [name, field['const']]),
  );
}

/** Returns whether two branches have a tag in common, with the same value. */
export function haveSameTag(a: JsonSchema, b: JsonSchema): boolean {
  const tags = tagsOf(b);
  return [...tagsOf(a)].some(([name, value]) => tags.has(name) && tags.get(name) === value);
}

/** Returns the values that a schema lists, or `undefined` if it does not. */
export function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  if ('const' in schema) return [schema['const']];
  if (Array.isArray(schema['enum'])) return schema['enum'] as unknown[];
  if (schema['type'] === 'boolean') return [true, false];
  return schema['type'] === 'null' ? [null] : undefined;
}

/** Returns the patterns that a text must match, with those of `allOf`. */
export function patternsOf({ pattern, allOf }: JsonSchema): readonly string[] {
  const parts = ((allOf ?? []) as JsonSchema[]).flatMap(patternsOf);
  return [...new Set([...(pattern === undefined ? [] : [pattern as string]), ...parts])].sort();
}

/** Writes a field's name as a token of a JSON Pointer (RFC 6901 §3). */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
