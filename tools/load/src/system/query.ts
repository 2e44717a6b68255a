import { createPool } from '@tallystick/postgres';

/**
 * Runs statements on a separate connection.
 * @param work receives a function that runs one statement and returns its rows, with `int8` as `bigint`
 */
export async function onDatabase<T>(
  url: string,
  work: (query: <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>) => Promise<T>,
): Promise<T> {
  const pool = createPool({
    url,
    applicationName: 'load',
    maxConnections: 1,
    statementTimeoutMs: 120_000,
  });
  try {
    return await work(
      async <Row extends object>(text: string, values: unknown[] = []) =>
        (await pool.query<Row>(text, values)).rows,
    );
  } finally {
    await pool.end();
  }
}
