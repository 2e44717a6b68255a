import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { operations, type OperationDefinition } from '../src/index.ts';

/** The books have one row for each currency; a payment shows a fixed number of its newest parts. */
const NO_LIST: ReadonlySet<string> = new Set([operations.trialBalance.id, operations.getPayment.id]);

const shapeOf = (schema: z.ZodType): Record<string, z.ZodType> =>
  schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : {};
const lists = Object.values<OperationDefinition>(operations).filter(
  ({ id, method, response }) =>
    method === 'GET' &&
    !NO_LIST.has(id) &&
    Object.values(shapeOf(response)).some((field) => field instanceof z.ZodArray),
);

describe('an operation that lists rows', () => {
  test.each(lists)('has pages: $id', ({ query, response, summary }) => {
    expect(Object.keys(shapeOf(query))).toEqual(expect.arrayContaining(['limit', 'cursor']));
    expect(shapeOf(response)).toHaveProperty('nextCursor');
    expect(summary).toContain('newest');
  });

  test.each(lists)('needs no parameter: $id', ({ query }) => {
    expect(query.parse({})).toEqual({ limit: expect.any(Number) });
  });
});
