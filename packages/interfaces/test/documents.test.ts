import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { messages, operations, services, type OperationVersion } from '@tallystick/contracts';
import asyncApiParser from '@asyncapi/parser';
import { validate as validateOpenApi } from '@readme/openapi-parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as z from 'zod';

import {
  asyncApi,
  errorCatalogue,
  exampleOf,
  interfaceDocuments,
  jsonSchemaOf,
  openApi,
  wireSchemas,
  type JsonSchema,
} from '../src/index.ts';

const ajv = new Ajv2020({
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  keywords: ['x-extensible-enum', 'x-minor-units'],
});
addFormats.default(ajv, ['date-time', 'uri', 'email']);

/** Severity of an error, as Spectral counts. */
const ERROR = '0';

/** Every body and payload, with the examples that the documents show. */
const documented: [string, z.ZodType, readonly unknown[]][] = [
  ...Object.values(operations).flatMap(({ id, versions }) =>
    Object.entries(versions as Record<string, OperationVersion>).flatMap(
      ([version, { body, response, examples }]): [string, z.ZodType, readonly unknown[]][] => [
        [`the body of ${id} ${version}`, body, examples ?? []],
        [`the answer of ${id} ${version}`, response, []],
      ],
    ),
  ),
  ...Object.values(messages).flatMap(({ type, versions }) =>
    Object.entries(versions).map(([version, { data, examples }]): [string, z.ZodType, readonly unknown[]] => [
      `${type} ${version}`,
      data,
      examples ?? [],
    ]),
  ),
];

describe('the documents', () => {
  test.each([undefined, ...services])('of HTTP are valid OpenAPI 3.1 (%s)', async (service) => {
    const result = await validateOpenApi(structuredClone(openApi(undefined, service)) as never);
    expect(result).toMatchObject({ valid: true });
  });

  test('of Kafka are valid AsyncAPI 3.1', async () => {
    const { diagnostics } = await new asyncApiParser.Parser().parse(JSON.stringify(asyncApi()));
    expect(diagnostics.filter((one) => `${one.severity}` === ERROR)).toEqual([]);
  });

  test('have an operation for each version of each operation, and a message for each version of each message', () => {
    const { paths } = openApi() as { paths: Record<string, Record<string, { operationId?: string }>> };
    const ids = Object.values(paths).flatMap((path) =>
      Object.values(path).flatMap(({ operationId }) => operationId ?? []),
    );
    const expected = Object.values(operations).flatMap(({ method, versions }) =>
      Object.values(versions as Record<string, OperationVersion>).map(({ path }) => `${method} ${path}`),
    );
    expect(ids).toHaveLength(new Set(expected).size);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('name every error of the catalogue by its code, once', () => {
    const codes = errorCatalogue().map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { action, title } of errorCatalogue()) expect([action, title].every(Boolean)).toBe(true);
  });

  test('resolve each reference to a schema', () => {
    for (const [path, text] of Object.entries(interfaceDocuments())) {
      if (!path.endsWith('.json')) continue;
      const document = JSON.parse(text) as JsonSchema;
      for (const [, pointer] of text.matchAll(/"\$ref": "#\/([^"]+)"/g)) {
        const found = pointer!
          .split('/')
          .reduce<unknown>((part, name) => (part as JsonSchema | undefined)?.[name], document);
        expect([path, pointer, found === undefined]).toEqual([path, pointer, false]);
      }
    }
  });
});

describe('the schema of', () => {
  test.each(documented)('%s accepts its examples, and so does the code', (_name, schema, examples) => {
    const json = jsonSchemaOf(schema);
    const accepts = ajv.compile(json);
    for (const example of examples.length === 0 ? [exampleOf(json)] : examples) {
      expect([accepts(example), accepts.errors]).toEqual([true, null]);
      expect(() => z.decode(schema, example as never)).not.toThrow();
    }
  });

  test.each(Object.entries(wireSchemas()))('%s compiles', (_name, schema) => {
    expect(() => ajv.compile(schema)).not.toThrow();
  });
});

describe('contracts', () => {
  const folder = new URL('../../contracts/src/', import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path, readFileSync(new URL(path, folder), 'utf8')] as const);

  test.each(sources)('%s has no rule that JSON Schema loses', (_path, text) => {
    // A refinement and a flag vanish without a word.
    expect(
      text.match(/\.(?:refine|superRefine|check|transform|preprocess)\(|regex\(\/[^\n]*\/[a-z]+[,)]/g) ?? [],
    ).toEqual([]);
  });
});
