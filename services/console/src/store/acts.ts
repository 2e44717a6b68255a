import { auditOf } from '@tallystick/audit';
import { newJti } from '@tallystick/contracts';
import { transaction, type Pool, type Queryable } from '@tallystick/postgres';

/** What an operator did through the console. */
export interface Act {
  actId: string;
  occurredAt: Date;
  operatorId: string;
  operatorName: string;
  /** The id of the operation. */
  operation: string;
  object: string;
  reason: string;
  /** `done`, or the code of the refusal. */
  outcome: string;
}

/** Longest reason, in characters. */
export const REASON_CHARS_MAX = 200;

/** Writes an act with its reason, and an entry in the audit that names it. */
export async function insertAct(
  pool: Pool,
  act: Omit<Act, 'actId' | 'occurredAt'> & { clientId: string },
  nowMs: number,
): Promise<void> {
  const actId = `act_${newJti()}`;
  const { operatorId, operatorName, operation, object, outcome, clientId } = act;
  const reason = act.reason.slice(0, REASON_CHARS_MAX);
  await transaction(pool, async (tx) => {
    await tx.query(
      `INSERT INTO act (act_id, occurred_at, operator_id, operator_name, operation, object, reason, outcome)
       VALUES ($1, to_timestamp($2), $3, $4, $5, $6, $7, $8)`,
      [actId, nowMs / 1_000, operatorId, operatorName, operation, object, reason, outcome],
    );
    tx.write(
      auditOf([{ actor: operatorId, clientId, action: operation, object: actId, outcome, atMs: nowMs }]),
    );
  });
}

/** Finds the newest acts, on one object or on all. */
export async function findActs(
  on: Queryable,
  { object, limit }: { object?: string | undefined; limit: number },
): Promise<Act[]> {
  const { rows } = await on.query<Act>(
    `SELECT act_id AS "actId", occurred_at AS "occurredAt", operator_id AS "operatorId",
       operator_name AS "operatorName", operation, object, reason, outcome
     FROM act WHERE $1::text IS NULL OR object = $1 ORDER BY occurred_at DESC, act_id DESC LIMIT $2`,
    [object ?? null, limit],
  );
  return rows;
}
