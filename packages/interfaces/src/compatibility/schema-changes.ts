import type { JsonSchema } from '../json-schema.ts';
import {
  haveSameTag,
  inOrder,
  isSameSchema,
  opennessOf,
  patternsOf,
  pointerToken,
  propertiesOf,
  requiredOf,
  tagsOf,
} from './schema-parts.ts';

/** One difference between two schemas of the same interface. */
export interface SchemaChange {
  /** The field, as JSON Pointer (RFC 6901); `-` stands for any item, `*` for any further field. */
  at: string;
  /** The keyword that differs; `field` for a field itself, `required`, `branch`, `openness`. */
  what: string;
  before: unknown;
  after: unknown;
}

/** Keywords that say nothing about an interface's behaviour, and those that are compared part by part. */
const SKIPPED = new Set([
  '$comment',
  'deprecated',
  'description',
  'example',
  'examples',
  'title',
  'x-extensible-enum',
  'additionalProperties',
  'allOf',
  'anyOf',
  'items',
  'oneOf',
  'pattern',
  'properties',
  'required',
]);

/**
 * Lists the differences between two schemas, field by field. Defaults, classification and discriminators are among
 * them, which refuse no value.
 */
export function schemaChanges(before: JsonSchema, after: JsonSchema, at = ''): SchemaChange[] {
  const change = (what: string, was: unknown, is: unknown): SchemaChange[] =>
    JSON.stringify(was) === JSON.stringify(is) ? [] : [{ at, what, before: was, after: is }];
  const keywords = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (keyword) => !SKIPPED.has(keyword),
  );
  return [
    ...keywords.flatMap((keyword) => change(keyword, sorted(keyword, before), sorted(keyword, after))),
    ...change('pattern', patternsOf(before).join(' and '), patternsOf(after).join(' and ')),
    ...change('openness', wordOf(before), wordOf(after)),
    ...fieldChanges(before, after, at),
    ...(isSchema(before['items']) && isSchema(after['items'])
      ? schemaChanges(before['items'], after['items'], `${at}/-`)
      : change('items', before['items'], after['items'])),
    ...furtherFieldChanges(before, after, at),
    ...branchChanges(before, after, at),
  ];
}

function sorted(keyword: string, schema: JsonSchema): unknown {
  const value = schema[keyword];
  return keyword === 'enum' && Array.isArray(value) ? inOrder(value) : value;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wordOf(schema: JsonSchema): string | undefined {
  if (schema['type'] !== 'object') return undefined;
  const openness = opennessOf(schema);
  return typeof openness === 'string' ? openness : 'fields of one schema';
}

function fieldChanges(before: JsonSchema, after: JsonSchema, at: string): SchemaChange[] {
  const [was, is] = [propertiesOf(before), propertiesOf(after)];
  const [wasRequired, isRequired] = [requiredOf(before), requiredOf(after)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((name): SchemaChange[] => {
    const place = `${at}/${pointerToken(name)}`;
    const [earlier, later] = [was[name], is[name]];
    if (earlier === undefined || later === undefined)
      return [{ at: place, what: 'field', before: earlier, after: later }];
    const required = [wasRequired.includes(name), isRequired.includes(name)];
    return [
      ...(required[0] === required[1]
        ? []
        : [{ at: place, what: 'required', before: required[0], after: required[1] }]),
      ...schemaChanges(earlier, later, place),
    ];
  });
}

function furtherFieldChanges(before: JsonSchema, after: JsonSchema, at: string): SchemaChange[] {
  const [was, is] = [opennessOf(before), opennessOf(after)];
  return typeof was === 'string' || typeof is === 'string' ? [] : schemaChanges(was, is, `${at}/*`);
}

/** Compares the branches of a union with the same tag, and of others those at the same place. */
function branchChanges(before: JsonSchema, after: JsonSchema, at: string): SchemaChange[] {
  const [was, is] = [directBranches(before), directBranches(after)];
  const partners = was.map((branch, index) => {
    const same =
      is.find((other) => haveSameTag(branch, other)) ?? is.find((other) => isSameSchema(branch, other));
    if (same !== undefined || tagsOf(branch).size > 0) return same;
    const candidate = is[index];
    return candidate !== undefined && tagsOf(candidate).size === 0 && candidate['type'] === branch['type']
      ? candidate
      : undefined;
  });
  return [
    ...was.flatMap((branch, index) => {
      const partner = partners[index];
      return partner === undefined
        ? [{ at, what: 'branch', before: branch, after: undefined }]
        : schemaChanges(branch, partner, at);
    }),
    ...is
      .filter((branch) => !partners.includes(branch))
      .map((branch) => ({ at, what: 'branch', before: undefined, after: branch })),
  ];
}

function directBranches({ anyOf, oneOf }: JsonSchema): JsonSchema[] {
  return (oneOf ?? anyOf ?? []) as JsonSchema[];
}
