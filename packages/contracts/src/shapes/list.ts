import * as z from 'zod';
import { cursor } from './cursor.ts';
import { id } from './identifiers.ts';
import { time } from './time.ts';

/**
 * Builds the query of a list that is ordered by time, newest first. `from` and `to` are half-open: a row at `to` is
 * not shown.
 * @param limit the number of rows on a page if the client names none, and the largest that it may name
 */
export function listQuery(limit: { default: number; max: number }) {
  return {
    limit: z.coerce.number().int().min(1).max(limit.max).default(limit.default),
    cursor,
    from: time.optional().meta({ description: 'Shows what is at this time or later' }),
    to: time.optional().meta({ description: 'Shows what is before this time' }),
  };
}

/** Defines a filter by state. */
export function statusFilter<const Status extends readonly [string, ...string[]]>(statuses: Status) {
  return z.enum(statuses).optional().meta({ description: 'Shows only those in this state' });
}

export const accountFilter = id('acc')
  .optional()
  .meta({ description: 'Shows only those of this account of yours' });
