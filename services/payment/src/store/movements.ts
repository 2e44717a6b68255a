import type { Transaction } from '@tallystick/postgres';
import type { Movement } from '../domain/payment.ts';

interface Row {
  transfer_id: string;
  payment_id: string;
  kind: Movement['kind'];
  operation_id: string;
  amount_minor: bigint;
  status: Movement['status'];
}

/** Finds movements by the ids of their transfers. Their payments are already locked. */
export async function findMovements(
  tx: Transaction,
  transferIds: readonly string[],
): Promise<Map<string, Movement>> {
  if (transferIds.length === 0) return new Map();
  const { rows } = await tx.query<Row>({
    name: 'movement_find',
    text: 'SELECT * FROM movement WHERE transfer_id = ANY($1::text[])',
    values: [transferIds],
  });
  return new Map(
    rows.map((row) => [
      row.transfer_id,
      {
        transferId: row.transfer_id,
        paymentId: row.payment_id,
        kind: row.kind,
        operationId: row.operation_id,
        amountMinor: row.amount_minor,
        status: row.status,
      },
    ]),
  );
}

/** Finds the ids of captures and refunds that were already ordered. */
export async function findOperationIds(
  tx: Transaction,
  operationIds: readonly string[],
): Promise<Set<string>> {
  if (operationIds.length === 0) return new Set();
  const { rows } = await tx.query<{ operation_id: string }>({
    name: 'movement_operations',
    text: 'SELECT operation_id FROM movement WHERE operation_id = ANY($1::text[])',
    values: [operationIds],
  });
  return new Set(rows.map(({ operation_id }) => operation_id));
}

export function insertMovements(tx: Transaction, movements: readonly Movement[]): void {
  if (movements.length === 0) return;
  tx.write({
    name: 'movement_insert',
    text: `INSERT INTO movement (transfer_id, payment_id, kind, operation_id, amount_minor, status)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])`,
    values: [
      movements.map(({ transferId }) => transferId),
      movements.map(({ paymentId }) => paymentId),
      movements.map(({ kind }) => kind),
      movements.map(({ operationId }) => operationId),
      movements.map(({ amountMinor }) => amountMinor),
      movements.map(({ status }) => status),
    ],
  });
}

/** Updates the status of movements whose payments are locked. */
export function updateMovements(tx: Transaction, movements: readonly Movement[]): void {
  if (movements.length === 0) return;
  tx.write({
    name: 'movement_update',
    text: `UPDATE movement m SET status = n.status
           FROM unnest($1::text[], $2::text[]) AS n (transfer_id, status) CROSS JOIN LATERAL
             (SELECT movement.ctid FROM movement WHERE movement.transfer_id = n.transfer_id OFFSET 0) AS place
           WHERE m.ctid = place.ctid`,
    values: [movements.map(({ transferId }) => transferId), movements.map(({ status }) => status)],
  });
}
