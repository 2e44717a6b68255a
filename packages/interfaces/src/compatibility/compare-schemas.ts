import type { JsonSchema } from '../json-schema.ts';
import type { BreakKind } from './break-kinds.ts';
import { reads, type Refusal, type RefusalKind } from './reads.ts';
import { schemaChanges, type SchemaChange } from './schema-changes.ts';
import { isSameSchema } from './schema-parts.ts';

/**
 * Who reads what. `request` and `command`: the new reader reads what is written by the old schema. `response`: the old
 * reader reads what is written by the new one. `event`: both, because topics hold old records and old readers run.
 */
export type Direction = 'request' | 'response' | 'event';

/** A break in one schema. */
export interface FieldBreak {
  kind: BreakKind;
  field: string;
  detail: string;
}

/** Named by what the new reader no longer reads. */
const newReadsOld: Readonly<Record<RefusalKind, BreakKind>> = {
  absent: 'field.required',
  optional: 'field.required',
  unknown: 'field.removed',
  type: 'field.retyped',
  range: 'field.narrowed',
  enum: 'enum.shrunk',
  bounds: 'bounds.narrowed',
  pattern: 'pattern.changed',
  format: 'format.changed',
  branch: 'union.branch_removed',
  closed: 'object.closed',
  undecided: 'schema.undecided',
};

/** Named by what the old reader does not read. */
const oldReadsNew: Readonly<Record<RefusalKind, BreakKind>> = {
  absent: 'field.removed',
  optional: 'field.made_optional',
  unknown: 'field.added',
  type: 'field.retyped',
  range: 'field.widened',
  enum: 'enum.grown',
  bounds: 'bounds.widened',
  pattern: 'pattern.changed',
  format: 'format.changed',
  branch: 'union.branch_added',
  closed: 'object.opened',
  undecided: 'schema.undecided',
};

/** Changes that hurt though each value stays readable. */
const hurting: Readonly<Record<string, BreakKind>> = {
  default: 'default.changed',
  format: 'format.changed',
  pattern: 'pattern.changed',
  'x-classification': 'classification.changed',
  'x-discriminator': 'discriminator.changed',
};

/**
 * Lists the breaking changes of a schema.
 * @param at the place of the schema in the interface, as JSON Pointer
 */
export function schemaBreaks(
  before: JsonSchema,
  after: JsonSchema,
  at: string,
  direction: Direction,
): FieldBreak[] {
  const changes = schemaChanges(before, after, at);
  const found = [
    ...(direction === 'response' ? [] : named(reads(after, before, at), newReadsOld)),
    ...(direction === 'request' ? [] : named(reads(before, after, at), oldReadsNew)),
    ...changes.flatMap((change) => hurtOf(change, changes)),
  ];
  const unique = new Map(found.map((one) => [`${one.field} ${one.kind}`, one] as const));
  return withRenames([...unique.values()], changes);
}

function named(refusals: readonly Refusal[], kinds: Readonly<Record<RefusalKind, BreakKind>>): FieldBreak[] {
  return refusals.map(({ kind, at, detail }) => ({ kind: kinds[kind], field: at, detail }));
}

function hurtOf({ at, what, before, after }: SchemaChange, all: readonly SchemaChange[]): FieldBreak[] {
  const detail = `${wordOf(before)} became ${wordOf(after)}`;
  if (what === 'field')
    return after === undefined ? [{ kind: 'field.removed', field: at, detail: 'the field is gone' }] : [];
  if (what === 'openness') {
    if (after === 'closed') return [{ kind: 'object.closed', field: at, detail }];
    return before === 'closed' ? [{ kind: 'object.opened', field: at, detail }] : [];
  }
  // A field that is required no more gets a default for those who leave it out.
  const wasRequired = all.some((one) => one.at === at && one.what === 'required' && one.before === true);
  if (what === 'default' && before === undefined && wasRequired) return [];
  const kind = hurting[what];
  return kind === undefined ? [] : [{ kind, field: at, detail }];
}

function wordOf(value: unknown): string {
  if (value === undefined || value === '') return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Replaces a removed and an added field of the same schema and place by one break. */
function withRenames(breaks: readonly FieldBreak[], changes: readonly SchemaChange[]): FieldBreak[] {
  const fields = changes.filter(({ what }) => what === 'field');
  const added = fields.filter(({ before }) => before === undefined);
  const renames = fields.flatMap((gone) => {
    const candidates = added.filter(
      ({ at, after }) => parentOf(at) === parentOf(gone.at) && isSameSchema(gone.before, after),
    );
    return gone.after === undefined && candidates.length === 1
      ? [{ from: gone.at, to: candidates[0]!.at }]
      : [];
  });
  const covered = new Set(
    renames.flatMap(({ from, to }) => [`${from} field.removed`, `${to} field.required`, `${to} field.added`]),
  );
  return [
    ...breaks.filter(({ field, kind }) => !covered.has(`${field} ${kind}`)),
    ...renames.map(({ from, to }): FieldBreak => ({
      kind: 'field.renamed',
      field: from,
      detail: `the field is now ${to}`,
    })),
  ];
}

function parentOf(at: string): string {
  return at.slice(0, at.lastIndexOf('/'));
}
