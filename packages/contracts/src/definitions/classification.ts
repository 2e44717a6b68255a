import * as z from 'zod';

/**
 * How far data may travel. `public`: to anyone; `internal`: between the services and the parties concerned;
 * `confidential`: never in a log, span, metric or error, encrypted at rest, and on a topic only in a JWE or as evidence
 * that is worthless without its key.
 */
export type Classification = 'public' | 'internal' | 'confidential';

const classified = z.registry<{ classification: Classification }>();

/** Marks a field as confidential. The redaction of logs and errors is derived from this mark. */
export function confidential<Schema extends z.ZodType>(schema: Schema): Schema {
  // A separate clone, so that the mark does not affect other uses of the same schema.
  const marked = schema.clone() as Schema;
  classified.add(marked, { classification: 'confidential' });
  return marked;
}

/** Returns the names of all confidential fields in a schema, at any depth, for a logger to redact. */
export function confidentialFields(schema: z.ZodType): Set<string> {
  const names = new Set<string>();
  const seen = new Set<unknown>();
  const visit = (node: unknown): void => {
    if (!(node instanceof z.core.$ZodType) || seen.has(node)) return;
    seen.add(node);
    const def = node._zod.def as unknown as Record<string, unknown>;
    const shape = def['shape'];
    if (shape !== null && typeof shape === 'object') {
      for (const [name, field] of Object.entries(shape)) {
        if (isConfidential(field)) names.add(name);
        visit(field);
      }
    }
    for (const child of [def['innerType'], def['element'], def['in'], def['out'], def['valueType']])
      visit(child);
    if (Array.isArray(def['options'])) def['options'].forEach(visit);
  };
  visit(schema);
  return names;
}

/** Returns whether a field is marked as confidential, also if it is optional or nullable. */
export function isConfidential(field: unknown): boolean {
  if (!(field instanceof z.core.$ZodType)) return false;
  if (classified.get(field as z.ZodType)?.classification === 'confidential') return true;
  const inner = (field._zod.def as { innerType?: unknown }).innerType;
  return inner !== undefined && isConfidential(inner);
}
