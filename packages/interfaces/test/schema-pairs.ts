import fc from 'fast-check';
import type { JsonSchema } from '../src/index.ts';

/** A reader's and a writer's schema of the same thing, which differ here and there. */
export interface SchemaPair {
  reader: JsonSchema;
  writer: JsonSchema;
}

const PATTERNS = ['^[a-c]*$', '^a', '^[a-z]{1,3}$'];
const NAMES = ['a', 'b', 'kind', 'constructor', 'x/y~z'];
const WORDS = ['a', 'b', 'abc', 'zzzz'];

/** Mostly the same value on both sides. */
function both<T>(values: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> {
  return fc.oneof(
    { weight: 3, arbitrary: values.map((one): [T, T] => [one, one]) },
    { weight: 1, arbitrary: fc.tuple(values, values) },
  );
}

function pairOf<T>(sides: fc.Arbitrary<T>, schemaOf: (side: T) => JsonSchema): fc.Arbitrary<SchemaPair> {
  return both(sides).map(([reader, writer]) => ({ reader: schemaOf(reader), writer: schemaOf(writer) }));
}

/** Drops the keywords without a value. */
function given(schema: Record<string, unknown>): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}

const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(values, { nil: undefined });

const text = pairOf(
  fc.record({
    minLength: maybe(fc.integer({ min: 0, max: 2 })),
    maxLength: maybe(fc.integer({ min: 2, max: 4 })),
    pattern: maybe(fc.constantFrom(...PATTERNS)),
    allOf: maybe(fc.constantFrom(PATTERNS.slice(1).map((pattern) => ({ pattern })))),
  }),
  (side) => given({ type: 'string', ...side }),
);

const number = pairOf(
  fc.record({
    type: fc.constantFrom('integer', 'number'),
    minimum: maybe(fc.integer({ min: -2, max: 2 })),
    maximum: maybe(fc.integer({ min: 2, max: 5 })),
    exclusiveMinimum: maybe(fc.integer({ min: -2, max: 0 })),
  }),
  given,
);

const scalar = fc.constantFrom<unknown>(...WORDS, 1, 2.5, null, true);
const listed = pairOf(
  fc.oneof(
    fc
      .uniqueArray(fc.constantFrom(...WORDS), { minLength: 1 })
      .map((words) => ({ type: 'string', enum: words })),
    scalar.map((value) => ({ const: value })),
    fc.constantFrom<JsonSchema>({ type: 'boolean' }, { type: 'null' }, { type: ['string', 'null'] }, {}),
    fc.constant({ type: 'string', enum: [...WORDS], 'x-extensible-enum': true }),
  ),
  (side) => side,
);

/** Two kinds of things in the place of one. */
const mixed = (pair: fc.Arbitrary<SchemaPair>): fc.Arbitrary<SchemaPair> =>
  fc.tuple(pair, pair).map(([{ reader }, { writer }]) => ({ reader, writer }));

export const schemaPair: fc.Arbitrary<SchemaPair> = fc.letrec<{ any: SchemaPair; object: SchemaPair }>(
  (tie) => {
    const field = fc.record({
      name: fc.constantFrom(...NAMES),
      pair: tie('any'),
      isListed: both(fc.boolean()),
      isRequired: both(fc.boolean()),
    });
    const fields = fc.uniqueArray(field, { maxLength: 3, selector: ({ name }) => name });
    const more = fc.oneof(
      both(fc.constantFrom<unknown>(undefined, false, true, {})),
      tie('any').map(({ reader, writer }): [unknown, unknown] => [reader, writer]),
    );
    const propertyNames = both(maybe(fc.constant({ pattern: '^[a-z]+$' })));
    const object = fc.tuple(fields, more, propertyNames).map(([listedFields, further, names]): SchemaPair => {
      const side = (at: 0 | 1): JsonSchema => {
        const own = listedFields.filter(({ isListed }) => isListed[at]);
        return given({
          type: 'object',
          properties: Object.fromEntries(
            own.map(({ name, pair }) => [name, at === 0 ? pair.reader : pair.writer]),
          ),
          required: own.filter(({ isRequired }) => isRequired[at]).map(({ name }) => name),
          additionalProperties: further[at],
          propertyNames: names[at],
        });
      };
      return { reader: side(0), writer: side(1) };
    });
    const array = fc
      .tuple(
        tie('any'),
        both(
          fc.record({
            minItems: maybe(fc.integer({ min: 0, max: 1 })),
            maxItems: maybe(fc.integer({ min: 1, max: 2 })),
          }),
        ),
      )
      .map(([items, [forReader, forWriter]]) => ({
        reader: given({ type: 'array', items: items.reader, ...forReader }),
        writer: given({ type: 'array', items: items.writer, ...forWriter }),
      }));
    const tagged = fc.tuple(tie('object'), fc.constantFrom(...WORDS)).map(([pair, word]): SchemaPair => {
      const withTag = (schema: JsonSchema): JsonSchema => ({
        ...schema,
        properties: { ...(schema['properties'] as object), kind: { type: 'string', const: word } },
        required: [...new Set([...(schema['required'] as string[]), 'kind'])],
      });
      return { reader: withTag(pair.reader), writer: withTag(pair.writer) };
    });
    const branch = fc.record({ pair: fc.oneof(tagged, tie('any')), isListed: both(fc.boolean()) });
    const union = fc
      .tuple(
        fc.array(branch, { minLength: 1, maxLength: 3 }),
        both(fc.constantFrom('anyOf', 'oneOf')),
        fc.boolean(),
      )
      .map(([branches, [reader, writer], isTyped]): SchemaPair => {
        const side = (at: 0 | 1): JsonSchema[] => {
          const own = branches.filter(({ isListed }) => isListed[at]);
          return (own.length === 0 ? branches : own).map(({ pair }) =>
            at === 0 ? pair.reader : pair.writer,
          );
        };
        return {
          reader: { [reader]: side(0), ...(isTyped ? { type: 'object' } : {}) },
          writer: { [writer]: side(1) },
        };
      });
    return {
      object,
      any: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.oneof(text, number, listed, mixed(fc.oneof(text, number, listed))),
        object,
        array,
        union,
      ),
    };
  },
).any;

/** Values that a schema lets a writer write: only fields that it lists, or that its further fields cover. */
export function written(schema: JsonSchema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  const branches = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined;
  if (branches !== undefined) return fc.oneof(...branches.map(written));
  const [type] = [schema['type']].flat() as [string];
  switch (type) {
    case 'string':
      return fc.oneof(
        fc.constantFrom(...WORDS, ''),
        fc.stringMatching(new RegExp((schema['pattern'] as string | undefined) ?? '^a[bc]?$')),
      );
    case 'integer':
      return fc.integer({ min: -4, max: 6 });
    case 'number':
      return fc.oneof(fc.integer({ min: -4, max: 6 }), fc.constantFrom(0.5, -1.5, 3.25));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(written(schema['items'] as JsonSchema), { maxLength: 3 });
    case 'object':
      return writtenObject(schema);
    default:
      return fc.oneof(fc.constantFrom<unknown>(...WORDS, 7, null, true), fc.constant({}), fc.constant([]));
  }
}

function writtenObject({
  properties,
  required,
  additionalProperties: more,
}: JsonSchema): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties as Record<string, JsonSchema>);
  const isTyped = typeof more === 'object' && Object.keys(more as object).length > 0;
  const further = isTyped
    ? fc.dictionary(fc.constantFrom(...NAMES), written(more as JsonSchema), {
        maxKeys: 2,
        noNullPrototype: true,
      })
    : fc.constant({});
  return fc
    .tuple(
      further,
      fc.record(Object.fromEntries(fields.map(([name, field]) => [name, written(field)])), {
        requiredKeys: required as string[],
        noNullPrototype: true,
      }),
    )
    .map(([extra, own]) => {
      const listedNames = new Set(fields.map(([name]) => name));
      const unlisted = Object.entries(extra).filter(([name]) => !listedNames.has(name));
      return { ...Object.fromEntries(unlisted), ...own };
    });
}
