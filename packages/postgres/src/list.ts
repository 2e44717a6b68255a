import type { Queryable } from './pool.ts';

/** Most rows of a list that one page compares with conditions that no index serves. */
export const EXAMINED_ROWS_MAX = 2_000;

/** A place in a list that is ordered by time: that of the row with this time and id. */
export interface ListPlace {
  /** In whole milliseconds, as the column has it. */
  timeMs: number;
  id: string;
}

/** The part of a list that a client asks for. */
export interface ListRange {
  limit: number;
  /** The last place of the previous page. */
  after: ListPlace | undefined;
  /** Earliest time of a row. */
  fromMs: number | undefined;
  /** Time before which every row is. */
  toMs: number | undefined;
}

export interface ListPage<Item> {
  /** Newest first. */
  items: Item[];
  /** The place after which the next page begins; `undefined` on the last page. */
  next: ListPlace | undefined;
}

/** A list of rows of one table. The names come from code, never from a request. */
export interface ListSource {
  columns: string;
  /** The table, possibly with joins. */
  from: string;
  /** Condition on the first columns of the index, over `values`. */
  where: string;
  values: readonly unknown[];
  /** Column of the time by which the list is ordered, then by the id: the next columns of the index, descending. */
  time: string;
  id: string;
  /** Further conditions that no index serves: the value of each column; `undefined` for any value. */
  matching?: Readonly<Record<string, unknown>>;
}

/** A statement whose rows come newest first, with their place in `place_time` and `place_id`. */
export interface PlacedStatement {
  text: string;
  values: readonly unknown[];
  /** Whether its rows have a column `matches`, and only those with `true` belong to the list. */
  isFiltered: boolean;
}

type Placed<Row> = Row & {
  place_time: Date;
  place_id: string;
  matches?: boolean;
  place_number?: bigint;
};

/** Returns how many rows a statement for {@link readPage} reads at most; one more than shown tells of a next page. */
export function rowsToRead({ limit }: ListRange, isFiltered: boolean): number {
  return isFiltered ? EXAMINED_ROWS_MAX : limit + 1;
}

/**
 * Returns the bounds of a range as values for SQL: the rows are at `from` or later, and sort before the place
 * `(before, beforeId)`.
 */
export function boundsOf({ after, fromMs, toMs }: ListRange): {
  before: Date | 'infinity';
  beforeId: string;
  from: Date | '-infinity';
} {
  const from = fromMs === undefined ? '-infinity' : new Date(fromMs);
  // One bound, because an index scan starts at one. No id sorts before the empty text.
  if (after !== undefined && (toMs === undefined || after.timeMs < toMs))
    return { before: new Date(after.timeMs), beforeId: after.id, from };
  return { before: toMs === undefined ? 'infinity' : new Date(toMs), beforeId: '', from };
}

/**
 * Finds a page of a list, newest first. A page costs the same however long the list is, and rows that are inserted
 * between two pages neither repeat nor hide a row.
 */
export async function findPage<Row extends object>(
  on: Queryable,
  { columns, from, where, values, time, id, matching = {} }: ListSource,
  range: ListRange,
): Promise<ListPage<Row>> {
  const bounds = boundsOf(range);
  const wanted = Object.entries(matching).filter(([, value]) => value !== undefined);
  const isFiltered = wanted.length > 0;
  const all = [...values, bounds.before, bounds.beforeId, bounds.from, rowsToRead(range, isFiltered)];
  const first = values.length + 1;
  const matches = wanted.map(([column], at) => `${column} = $${all.length + at + 1}`).join(' AND ');
  return readPage<Row>(
    on,
    {
      text: `SELECT ${columns}, ${time} AS place_time, ${id} AS place_id${isFiltered ? `, (${matches}) AS matches` : ''}
        FROM ${from} WHERE ${where} AND (${time}, ${id}) < ($${first}::timestamptz, $${first + 1}::text)
          AND ${time} >= $${first + 2}::timestamptz
        ORDER BY ${time} DESC, ${id} DESC LIMIT $${first + 3}`,
      values: [...all, ...wanted.map(([, value]) => value)],
      isFiltered,
    },
    range,
  );
}

/**
 * Reads a page by a statement that reads {@link rowsToRead} rows. With a filter, a page ends after
 * {@link EXAMINED_ROWS_MAX} rows even if fewer than `limit` of them match; the next page continues there.
 */
export async function readPage<Row extends object>(
  on: Queryable,
  { text, values, isFiltered }: PlacedStatement,
  { limit }: ListRange,
): Promise<ListPage<Row>> {
  // The last row that was examined is returned too, because it is where the next page begins.
  const filtered = `SELECT * FROM (
      SELECT *, row_number() OVER (ORDER BY place_time DESC, place_id DESC) AS place_number FROM (${text}) AS examined) AS numbered
    WHERE matches OR place_number = ${EXAMINED_ROWS_MAX} ORDER BY place_time DESC, place_id DESC LIMIT ${limit + 1}`;
  const { rows } = await on.query<Placed<Row>>(isFiltered ? filtered : text, [...values]);
  const matching = rows.filter(({ matches = true }) => matches);
  const items = matching.slice(0, limit);
  const last = rows.at(-1);
  const isExhausted = matching.length <= limit && Number(last?.place_number) !== EXAMINED_ROWS_MAX;
  if (isExhausted || last === undefined) return { items, next: undefined };
  const end = matching.length > limit ? items.at(-1)! : last;
  return { items, next: { timeMs: end.place_time.getTime(), id: end.place_id } };
}

/** Converts the items of a page. */
export function mapPage<From, To>({ items, next }: ListPage<From>, map: (item: From) => To): ListPage<To> {
  return { items: items.map(map), next };
}
