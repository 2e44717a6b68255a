import type { Statement } from './transaction.ts';

/**
 * A column of rows that are sent as arrays: its SQL type, and its value in a row. A `shared` column is sent as one
 * value if it is equal in all rows, as it is in most batches; this saves the cost of the array.
 */
export type Column<Row> = readonly [type: string, valueOf: (row: Row) => unknown, shared?: 'shared'];

/** Columns by name. */
export type Columns<Row> = Readonly<Record<string, Column<Row>>>;

/** A query of rows, with one array for each column. */
export interface RowSource<Row> {
  /**
   * `SELECT a, b FROM unnest($1::text[], $2::bigint[]) AS sent (a, b)`: one row for each given row, in the same order
   */
  sql: string;
  /** `a, b` */
  names: string;
  /** the number of parameters; those of the statement itself follow */
  parameterCount: number;
  /** the parameters that `sql` takes */
  values(rows: readonly Row[]): unknown[];
}

/** Makes a query of rows, for statements that join or insert them. Call it once, at the top of a module. */
export function rowSource<Row>(columns: Columns<Row>): RowSource<Row> {
  const entries = Object.entries(columns);
  const names = entries.map(([name]) => name).join(', ');
  const arrays = entries.map(([, [type]], at) => `$${at + 1}::${type}[]`).join(', ');
  const shared = entries.filter(([, [, , isShared]]) => isShared !== undefined).map(([name]) => name);
  const selected = entries.map(([name, [type]]) =>
    shared.includes(name)
      ? `coalesce(${name}, $${entries.length + shared.indexOf(name) + 1}::${type}) AS ${name}`
      : name,
  );
  return {
    sql: `SELECT ${selected.join(', ')} FROM unnest(${arrays}) AS sent (${names})`,
    names,
    parameterCount: entries.length + shared.length,
    values(rows) {
      const same: unknown[] = [];
      const sent = entries.map(([, [, valueOf, isShared]]) => {
        const values = rows.map(valueOf);
        if (isShared === undefined) return values;
        const isSame = values.every((value) => isEqual(value, values[0]));
        same.push(isSame ? values[0] : null);
        // unnest returns null after the end of an array
        return isSame ? [] : values;
      });
      return [...sent, ...same];
    },
  };
}

/**
 * Makes the statement that inserts rows.
 * @param name of the prepared statement
 * @param options.orElse the clause after the rows, such as `ON CONFLICT DO NOTHING`
 */
export function insertRows<Row>(
  name: string,
  table: string,
  columns: Columns<Row>,
  { orElse = '' }: { orElse?: string } = {},
): (rows: readonly Row[]) => Statement {
  const source = rowSource(columns);
  const text = `INSERT INTO ${table} (${source.names}) ${source.sql} ${orElse}`;
  return (rows) => ({ name, text, values: source.values(rows) });
}

/**
 * Makes the statement that updates rows by their key. The caller has locked the rows.
 * Each row is looked up separately, independent of the planner's statistics of the table.
 * @param name of the prepared statement
 * @param key the column that identifies a row; the other columns are updated
 */
export function updateRows<Row>(
  name: string,
  table: string,
  key: string,
  columns: Columns<Row>,
): (rows: readonly Row[]) => Statement {
  const source = rowSource(columns);
  const set = Object.keys(columns)
    .filter((column) => column !== key)
    .map((column) => `${column} = sent.${column}`);
  const text = `UPDATE ${table} SET ${set.join(', ')} FROM (${source.sql}) AS sent CROSS JOIN LATERAL
    (SELECT found.ctid FROM ${table} AS found WHERE found.${key} = sent.${key} OFFSET 0) AS place
    WHERE ${table}.ctid = place.ctid`;
  return (rows) => ({ name, text, values: source.values(rows) });
}

function isEqual(a: unknown, b: unknown): boolean {
  return a === b || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime());
}
