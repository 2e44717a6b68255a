import * as z from 'zod';

/** A place in a list that is ordered by time, as in the previous page. Opaque to clients. */
export const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,200}$/, 'must be the nextCursor of a page')
  .optional()
  .meta({
    description: 'Shows the page after this place: the nextCursor of the previous page',
    examples: ['MTc2NDMxNjgwMDAwMA'],
  });

export const nextCursor = z
  .string()
  .optional()
  .meta({ description: 'The place of the next page; absent on the last page' });
