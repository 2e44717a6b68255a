import { CodedError } from '@tallystick/contracts';
import type { ListPage, ListPlace, ListRange } from '@tallystick/postgres';

/** The query of a list, as contracts define it. */
export interface ListQuery {
  limit: number;
  cursor?: string | undefined;
  /** ISO 8601. */
  from?: string | undefined;
  to?: string | undefined;
}

const ROW_ID = /^[A-Za-z0-9_-]{1,100}$/;

/**
 * Reads the part of a list that a query asks for: from `from` on and before `to`.
 * @param rowId the form of the ids in the list's cursors
 * @throws CodedError `request.invalid` at `/query/cursor`
 */
export function rangeOf({ limit, cursor, from, to }: ListQuery, rowId = ROW_ID): ListRange {
  const after = cursor === undefined ? undefined : decodePlace(cursor);
  if (cursor !== undefined && (after === undefined || !rowId.test(after.id))) throw cursorRefused();
  return { limit, after, fromMs: msOf(from), toMs: msOf(to) };
}

/** Returns the cursor of the page after this one; `undefined` on the last page. */
export function nextCursorOf({ next }: Pick<ListPage<unknown>, 'next'>): string | undefined {
  return next === undefined ? undefined : Buffer.from(`${next.timeMs} ${next.id}`).toString('base64url');
}

/** Returns the refusal of a cursor that is not the `nextCursor` of a page. */
export function cursorRefused(): CodedError {
  return new CodedError('request.invalid', {
    faults: [{ path: '/query/cursor', message: 'must be the nextCursor of a page' }],
  });
}

function decodePlace(cursor: string): ListPlace | undefined {
  const match = /^(\d{1,14}) (\S+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  return match === null ? undefined : { timeMs: Number(match[1]), id: match[2]! };
}

/** Returns the first whole millisecond at a time or after it. */
function msOf(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const isWhole = !/\.\d{3}\d*[1-9]/.test(time);
  return Date.parse(time) + (isWhole ? 0 : 1);
}
