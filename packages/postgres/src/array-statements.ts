import type { Statement } from './transaction.ts';

/**
 * A column of rows that go to Postgres as arrays: its SQL type, and its value in a row. A `shared` column goes as one
 * value if all rows have the same one, as most rows of a batch do: a value that is not sent costs nothing.
 */
export type Column<Row> = readonly [type: string, valueOf: (row: Row) => unknown, shared?: 'shared'];

/** Columns by their names. */
export type Columns<Row> = Readonly<Record<string, Column<Row>>>;

/** Rows as a query, one array a column. */
export interface RowSource<Row> {
  /** `SELECT a, b FROM unnest($1::text[], $2::bigint[]) AS sent (a, b)`: a row for each, in their order */
  sql: string;
  /** `a, b` */
  names: string;
  /** the number of parameters; those of the statement itself follow */
  parameterCount: number;
  /** the parameters that `sql` takes */
  values(rows: readonly Row[]): unknown[];
}

/** Makes a query of rows, for statements that join or insert them. Made once, at the top of a module. */
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
        // unnest gives null where an array has ended
        return isSame ? [] : values;
      });
      return [...sent, ...same];
    },
  };
}

/**
 * Makes the statement that inserts rows.
 * @param name of the prepared statement
 * @param options.orElse the clause behind the rows, such as `ON CONFLICT DO NOTHING`
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
 * Makes the statement that updates rows by their key. Each is looked up by itself, whatever the planner thinks of the
 * table; the caller has locked them.
 * @param name of the prepared statement
 * @param key the column that names a row; the others are set
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
