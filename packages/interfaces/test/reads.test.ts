import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { reads, type JsonSchema } from '../src/index.ts';
import { schemaPair, written } from './schema-pairs.ts';

const ajv = new Ajv2020({ strict: false, ownProperties: true });

describe('a reader that reads a writer', () => {
  test('accepts each value that the writer writes, as ajv judges', () => {
    let judged = 0;
    fc.assert(
      fc.property(schemaPair, fc.gen(), ({ reader, writer }, generate) => {
        if (reads(reader, writer).length > 0) return;
        const value = generate(written, writer);
        if (!ajv.validate(writer, value)) return;
        judged += 1;
        expect([value, ajv.validate(reader, value)]).toEqual([value, true]);
      }),
      { numRuns: 2_000 },
    );
    expect(judged).toBeGreaterThan(0);
  });

  test('reads itself', () => {
    fc.assert(fc.property(schemaPair, ({ reader }) => expect(reads(reader, reader)).toEqual([])));
  });
});

describe('a reader', () => {
  const object = (properties: JsonSchema, required: string[] = []): JsonSchema => ({
    type: 'object',
    properties,
    required,
    additionalProperties: false,
  });

  test('names the field that it does not read, as JSON Pointer', () => {
    const reader = object({ 'a/b': { type: 'array', items: object({ n: { type: 'integer' } }) } });
    const writer = object({ 'a/b': { type: 'array', items: object({ n: { type: 'string' } }) } });
    expect(reads(reader, writer)).toEqual([expect.objectContaining({ kind: 'type', at: '/a~1b/-/n' })]);
  });

  test('compares the branches of a union by their tags, also if another branch takes anything', () => {
    const branch = (type: string): JsonSchema => ({
      type: 'object',
      properties: { kind: { type: 'string', const: 'a' }, n: { type } },
      required: ['kind', 'n'],
    });
    const other = { type: 'object', properties: { kind: { type: 'string' } }, required: ['kind'] };
    expect(reads({ anyOf: [branch('integer'), other] }, { anyOf: [branch('string'), other] })).toEqual([
      expect.objectContaining({ kind: 'type', at: '/n' }),
    ]);
  });

  test('refuses what it cannot decide', () => {
    const text = { type: 'string' };
    expect(reads({ not: text }, { type: 'integer' })).toMatchObject([{ kind: 'undecided' }]);
    expect(reads({ $ref: '#/$defs/a' }, text)).toMatchObject([{ kind: 'undecided' }]);
  });
});
