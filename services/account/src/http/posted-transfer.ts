import type { operations } from '@tallystick/contracts';
import type * as z from 'zod';
import { transferOf, type JournalEntry } from '../domain/entry.ts';

/** Returns a posted transfer as its answer shows it. */
export function postedTransfer(entry: JournalEntry): z.output<typeof operations.transferPost.response> {
  return { ...transferOf(entry)!, postedAt: new Date(entry.postedAtMs).toISOString() };
}
