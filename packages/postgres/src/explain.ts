import type { Pool, Queryable } from './pool.ts';
import type { Statement } from './transaction.ts';

/** What the database read for some statements. */
export interface WorkDone {
  /** Rows that scans returned or filtered out. */
  rowsRead: number;
  /** Tables that were read as a whole. */
  sequentialScans: string[];
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/**
 * Measures how many rows the database reads for the statements of `run`, by EXPLAIN ANALYZE, so that a test can show that
 * an index serves them.
 */
export async function workOf(pool: Pool, run: (on: Queryable) => Promise<unknown>): Promise<WorkDone> {
  const work: WorkDone = { rowsRead: 0, sequentialScans: [] };
  const measured = {
    async query(asked: string | Statement, given?: unknown[]) {
      const { text, values } = typeof asked === 'string' ? { text: asked, values: given } : asked;
      const { rows } = await pool.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        values,
      );
      count(rows[0]!['QUERY PLAN'][0]!.Plan, work);
      return pool.query(text, values);
    },
  };
  await run(measured as unknown as Queryable);
  return work;
}

function count(node: PlanNode, work: WorkDone): void {
  const loops = node['Actual Loops'] ?? 0;
  if (node['Relation Name'] !== undefined) {
    const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    work.rowsRead += ((node['Actual Rows'] ?? 0) + removed) * loops;
    if (node['Node Type'] === 'Seq Scan' && loops > 0) work.sequentialScans.push(node['Relation Name']);
  }
  for (const part of node.Plans ?? []) count(part, work);
}
