import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { operations, services, type OperationDefinition } from '../src/index.ts';

/** The books have one row for each currency; a payment has a limited number of parts, a process of settings. */
const NO_LIST: ReadonlySet<string> = new Set([
  operations.trialBalance.id,
  operations.getPayment.id,
  operations.ledgerPayment.id,
  ...services.map((service) => operations[`${service}Settings`].id),
]);

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
    // Clients have no time of registration.
    expect(summary).toMatch(/newest|in the order of their ids/);
  });

  test.each(lists)('needs no parameter: $id', ({ query }) => {
    expect(query.parse({})).toEqual({ limit: expect.any(Number) });
  });
});
