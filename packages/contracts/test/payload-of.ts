import * as z from 'zod';
import { errorCodes } from '../src/index.ts';

/**
 * Creates a payload in wire form that a schema accepts.
 * @param word replaces each enum value that readers keep open
 */
export function payloadOf(schema: z.ZodType, word?: string): unknown {
  const def = schema._zod.def as unknown as {
    type: string;
    shape?: Record<string, z.ZodType>;
    innerType?: z.ZodType;
    element?: z.ZodType;
    options?: z.ZodType[];
    in?: z.ZodType;
    entries?: Record<string, string>;
    values?: unknown[];
    checks?: unknown[];
  };
  switch (def.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(def.shape!).map(([name, field]) => [name, payloadOf(field, word)]),
      );
    case 'array':
      return [payloadOf(def.element!, word)];
    case 'union':
      return payloadOf(def.options![0]!, word);
    case 'optional':
    case 'nullable':
    case 'default':
      return payloadOf(def.innerType!, word);
    case 'pipe':
      return payloadOf(def.in!, word);
    case 'enum':
      return Object.values(def.entries!)[0];
    case 'literal':
      return def.values![0];
    case 'boolean':
      return true;
    case 'number':
      return 1;
    case 'string':
      return text(schema, word);
    default:
      throw new Error(`there is no payload of a ${def.type}`);
  }
}

/** Texts of which each text schema accepts at least one. */
const texts = [
  '2026-11-28T12:00:00.000Z',
  'acme',
  '51',
  '4111111111111111',
  'INVOICE-1',
  Object.keys(errorCodes)[0]!,
];

function text(schema: z.ZodType, word: string | undefined): string {
  const { examples } = (schema.meta() ?? {}) as { examples?: string[] };
  const candidates = [...(word === undefined ? [] : [word]), ...(examples ?? []), ...texts];
  const fits = candidates.find((one) => schema.safeParse(one).success);
  if (fits === undefined) throw new Error('no text fits');
  return fits;
}
