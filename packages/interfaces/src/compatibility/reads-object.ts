import type { JsonSchema } from '../json-schema.ts';
import { accepts } from './accepts.ts';
import type { Refusal } from './reads.ts';
import { opennessOf, pointerToken, propertiesOf, requiredOf } from './schema-parts.ts';

type Reads = (reader: JsonSchema, writer: JsonSchema, at: string) => Refusal[];

/** Decides whether a reader of objects accepts each object that a writer writes. */
export function readsObject(reader: JsonSchema, writer: JsonSchema, at: string, reads: Reads): Refusal[] {
  const fields = propertiesOf(reader);
  const written = propertiesOf(writer);
  const always = requiredOf(writer);
  const more = opennessOf(reader);
  const writtenMore = opennessOf(writer);
  const place = (name: string): string => `${at}/${pointerToken(name)}`;

  const missing = requiredOf(reader)
    .filter((name) => !always.includes(name))
    .map((name): Refusal =>
      name in written
        ? { kind: 'optional', at: place(name), detail: 'optional where the reader requires it' }
        : { kind: 'absent', at: place(name), detail: 'absent where the reader requires it' },
    );
  const named = Object.entries(written).flatMap(([name, field]): Refusal[] => {
    const known = fields[name];
    if (known !== undefined) return reads(known, field, place(name));
    if (more === 'open') return [];
    if (more !== 'closed') return reads(more, field, place(name));
    return [{ kind: 'unknown', at: place(name), detail: 'the reader refuses fields that it does not list' }];
  });
  return [...missing, ...named, ...furtherFields(), ...names(reader, writer, at, reads)];

  function furtherFields(): Refusal[] {
    if (writtenMore === 'closed') return [];
    if (writtenMore === 'open')
      return more === 'open'
        ? []
        : [{ kind: 'closed', at, detail: 'the writer is open and the reader is not' }];
    const listed = Object.entries(fields)
      .filter(([name]) => !(name in written))
      .flatMap(([name, field]) => reads(field, writtenMore, place(name)));
    if (more === 'open') return listed;
    if (more === 'closed')
      return [{ kind: 'closed', at, detail: 'the reader refuses fields that it does not list' }];
    return [...listed, ...reads(more, writtenMore, `${at}/*`)];
  }
}

function names(reader: JsonSchema, writer: JsonSchema, at: string, reads: Reads): Refusal[] {
  const bound = reader['propertyNames'] as JsonSchema | undefined;
  if (bound === undefined) return [];
  const strange = Object.keys(propertiesOf(writer)).filter((name) => accepts(bound, name) !== true);
  if (strange.length > 0)
    return [{ kind: 'unknown', at, detail: `the reader refuses the names ${strange.join(', ')}` }];
  if (opennessOf(writer) === 'closed') return [];
  const text = { type: 'string', ...((writer['propertyNames'] ?? {}) as JsonSchema) };
  return reads(bound, text, `${at}/*`);
}
