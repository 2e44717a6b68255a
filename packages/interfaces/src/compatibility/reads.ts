import type { JsonSchema } from '../json-schema.ts';
import { accepts } from './accepts.ts';
import { isDisjoint } from './disjoint.ts';
import { readsObject } from './reads-object.ts';
import {
  branchesOf,
  haveSameTag,
  isExclusive,
  isAnnotation,
  isAnything,
  isSameSchema,
  patternsOf,
  tagsOf,
  valuesOf,
} from './schema-parts.ts';

/** Why a reader does not read a writer's values. */
export type RefusalKind =
  /** The reader requires a field that the writer does not list. */
  | 'absent'
  /** The reader requires a field that the writer may leave out. */
  | 'optional'
  /** The writer writes a field that the closed reader does not list. */
  | 'unknown'
  | 'type'
  /** The types overlap, and the writer's is wider. */
  | 'range'
  | 'enum'
  | 'bounds'
  | 'pattern'
  | 'format'
  /** The writer has a branch of a union that the reader does not read. */
  | 'branch'
  /** The reader is closed and the writer is open. */
  | 'closed'
  /** A keyword with which this check is not acquainted. */
  | 'undecided';

export interface Refusal {
  kind: RefusalKind;
  /** The field, as JSON Pointer (RFC 6901); `-` stands for any item, `*` for any further field. */
  at: string;
  /** What the reader and the writer say, in words. */
  detail: string;
}

/** Keywords that the check decides. A reader with another one reads only a schema that is written alike. */
const KNOWN = new Set([
  'type',
  'const',
  'enum',
  'anyOf',
  'oneOf',
  'allOf',
  'pattern',
  'format',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'items',
  'minItems',
  'maxItems',
  'uniqueItems',
  'properties',
  'required',
  'additionalProperties',
  'propertyNames',
]);

/**
 * Decides whether a reader accepts each value that a writer writes. A writer writes only fields that its schema lists;
 * a reader that is open ignores the fields that it does not list.
 * @param reader the schema (2020-12) that checks values
 * @param writer the schema of their writer
 * @param at the place of both, as JSON Pointer
 * @returns why it does not; an empty list if it does
 */
export function reads(reader: JsonSchema, writer: JsonSchema, at = ''): Refusal[] {
  if (isAnything(reader) || isSameSchema(reader, writer)) return [];
  const writes = branchesOf(writer);
  const readers = branchesOf(reader);
  if (writes.length === 1 && readers.length === 1) return readsBranch(readers[0]!, writes[0]!, at);
  return writes.flatMap((branch) => readsByOne(reader, readers, branch, at));
}

/** A branch of the writer is read by the reader's branch of the same tag; without tags, by any. */
function readsByOne(
  reader: JsonSchema,
  readers: readonly JsonSchema[],
  branch: JsonSchema,
  at: string,
): Refusal[] {
  if (valuesOf(branch)?.every((value) => accepts(reader, value) === true) === true) return [];
  const named = readers.filter((one) => haveSameTag(one, branch));
  const candidates = named.length > 0 ? named : readers;
  const tried = candidates.map((one) => ({ one, refusals: readsBranch(one, branch, at) }));
  const fitting = tried.find(({ refusals }) => refusals.length === 0);
  const refuse = (detail: string): Refusal[] => [
    { kind: 'branch', at, detail: `${detail} ${wordsOf(branch)}` },
  ];
  if (fitting === undefined) {
    const closest = closestOf(branch, named, tried);
    const isOther = closest?.some(({ kind, at: of }) => kind === 'type' && of === at) ?? true;
    return isOther ? refuse('no branch reads') : closest!;
  }
  if (!isExclusive(reader)) return [];
  const others = readers.filter((one) => one !== fitting.one && !isDisjoint(one, branch));
  return others.length === 0 ? [] : refuse('more than one branch may read');
}

/** Returns the refusals of the branch that a writer's branch is most likely meant for, if there is one. */
function closestOf(
  branch: JsonSchema,
  named: readonly JsonSchema[],
  tried: readonly { one: JsonSchema; refusals: Refusal[] }[],
): Refusal[] | undefined {
  if (named.length === 1) return tried[0]!.refusals;
  const alike = tried.filter(({ one }) => one['type'] === branch['type']);
  const isTagged = tagsOf(branch).size > 0 && alike.some(({ one }) => tagsOf(one).size > 0);
  return alike.length === 1 && !isTagged ? alike[0]!.refusals : undefined;
}

/** Both are no unions. */
function readsBranch(reader: JsonSchema, writer: JsonSchema, at: string): Refusal[] {
  if (isAnything(reader) || isSameSchema(reader, writer)) return [];
  const refuse = (kind: RefusalKind, detail: string): Refusal[] => [{ kind, at, detail }];
  const values = valuesOf(writer);
  const listed = valuesOf(reader);
  const undecided = [
    ...strangeKeywords(reader),
    ...(writer['type'] === 'object' ? strangeKeywords(writer) : []),
    ...(values?.some((value) => value !== null && typeof value === 'object') === true
      ? ['enum of objects']
      : []),
  ];
  if (undecided.length > 0) return refuse('undecided', `has ${undecided.join(', ')}`);
  const read = reader['type'] as string | undefined;
  const written = (writer['type'] as string | undefined) ?? typeOfValues(values);
  if (read !== undefined && read !== written && !(read === 'number' && written === 'integer')) {
    const isOverlap = read === 'integer' && written === 'number';
    return refuse(isOverlap ? 'range' : 'type', `${written ?? 'any type'} where the reader has ${read}`);
  }
  if (values !== undefined) {
    const refused = values.filter((value) => accepts(reader, value) !== true);
    if (refused.length === 0) return [];
    if (listed !== undefined) return refuse('enum', refused.map((one) => JSON.stringify(one)).join(', '));
  }
  if (listed !== undefined) return refuse('enum', 'any value where the reader lists some');
  switch (writer['type']) {
    case 'string':
      return [...bounds(reader, writer, at, ['minLength'], ['maxLength']), ...texts(reader, writer, at)];
    case 'integer':
    case 'number':
      return [
        ...bounds(reader, writer, at, ['minimum', 'exclusiveMinimum'], ['maximum', 'exclusiveMaximum']),
        ...multiples(reader, writer, at),
      ];
    case 'array':
      return readsArray(reader, writer, at);
    case 'object':
      return readsObject(reader, writer, at, reads);
    default:
      return refuse('undecided', 'the writer names no type');
  }
}

/** Returns the keywords that the check does not decide. */
function strangeKeywords(schema: JsonSchema): string[] {
  const isPattern = (part: JsonSchema): boolean =>
    Object.keys(part).every((keyword) => keyword === 'pattern' || isAnnotation(keyword));
  return Object.keys(schema).filter((keyword) =>
    keyword === 'allOf'
      ? !(schema['allOf'] as JsonSchema[]).every(isPattern)
      : !isAnnotation(keyword) && !KNOWN.has(keyword),
  );
}

function typeOfValues(values: readonly unknown[] | undefined): string | undefined {
  const types = new Set(
    (values ?? []).map((value) =>
      value === null
        ? 'null'
        : Number.isInteger(value)
          ? 'integer'
          : Array.isArray(value)
            ? 'array'
            : typeof value,
    ),
  );
  return types.size === 1 ? [...types][0] : undefined;
}

function bounds(
  reader: JsonSchema,
  writer: JsonSchema,
  at: string,
  lower: readonly string[],
  upper: readonly string[],
): Refusal[] {
  const refused = (keyword: string, isWithin: (bound: number, written: number) => boolean): Refusal[] => {
    const bound = reader[keyword] as number | undefined;
    const written = writer[keyword] as number | undefined;
    if (bound === undefined || (written !== undefined && isWithin(bound, written))) return [];
    return [
      { kind: 'bounds', at, detail: `${keyword} ${written ?? 'absent'} where the reader has ${bound}` },
    ];
  };
  return [
    ...lower.flatMap((keyword) => refused(keyword, (bound, written) => written >= bound)),
    ...upper.flatMap((keyword) => refused(keyword, (bound, written) => written <= bound)),
  ];
}

function multiples(reader: JsonSchema, writer: JsonSchema, at: string): Refusal[] {
  const { multipleOf: bound } = reader as { multipleOf?: number };
  const { multipleOf: written } = writer as { multipleOf?: number };
  return bound === undefined || bound === written
    ? []
    : [{ kind: 'bounds', at, detail: `multipleOf ${written ?? 'absent'} where the reader has ${bound}` }];
}

/** Whether one pattern covers another cannot be decided in general, so the reader's must be among the writer's. */
function texts(reader: JsonSchema, writer: JsonSchema, at: string): Refusal[] {
  const written = patternsOf(writer);
  const patterns = patternsOf(reader).filter((pattern) => !written.includes(pattern));
  const { format } = reader as { format?: string };
  return [
    ...patterns.map((pattern): Refusal => ({ kind: 'pattern', at, detail: `the reader has ${pattern}` })),
    ...(format === undefined || format === writer['format']
      ? []
      : [{ kind: 'format', at, detail: `the reader has ${format}` } as const]),
  ];
}

function readsArray(reader: JsonSchema, writer: JsonSchema, at: string): Refusal[] {
  const items = (reader['items'] ?? {}) as JsonSchema;
  return [
    ...bounds(reader, writer, at, ['minItems'], ['maxItems']),
    ...(reader['uniqueItems'] === true && writer['uniqueItems'] !== true
      ? [{ kind: 'bounds', at, detail: 'repeated items where the reader has uniqueItems' } as const]
      : []),
    ...(writer['maxItems'] === 0 ? [] : reads(items, (writer['items'] ?? {}) as JsonSchema, `${at}/-`)),
  ];
}

function wordsOf(branch: JsonSchema): string {
  const [tag] = tagsOf(branch);
  if (tag !== undefined) return `${tag[0]} ${JSON.stringify(tag[1])}`;
  const values = valuesOf(branch)?.map((one) => JSON.stringify(one));
  return values?.join(', ') ?? (branch['type'] as string | undefined) ?? 'any value';
}
