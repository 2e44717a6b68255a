import { insertRows, updateRows, type Transaction } from '@tallystick/postgres';
import type { Movement } from '../domain/payment.ts';

interface Row {
  transfer_id: string;
  payment_id: string;
  kind: Movement['kind'];
  operation_id: string;
  amount_minor: bigint;
  status: Movement['status'];
  idempotency_key: string | null;
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
        idempotencyKey: row.idempotency_key ?? undefined,
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

const movementInsert = insertRows<Movement>('movement_insert', 'movement', {
  transfer_id: ['text', ({ transferId }) => transferId],
  payment_id: ['text', ({ paymentId }) => paymentId],
  kind: ['text', ({ kind }) => kind],
  operation_id: ['text', ({ operationId }) => operationId],
  amount_minor: ['bigint', ({ amountMinor }) => amountMinor],
  status: ['text', ({ status }) => status],
  idempotency_key: ['text', ({ idempotencyKey }) => idempotencyKey, 'shared'],
});

/** Inserts new movements. */
export function insertMovements(tx: Transaction, movements: readonly Movement[]): void {
  if (movements.length > 0) tx.write(movementInsert(movements));
}

const movementUpdate = updateRows<Movement>('movement_update', 'movement', 'transfer_id', {
  transfer_id: ['text', ({ transferId }) => transferId],
  status: ['text', ({ status }) => status],
});

/** Updates the status of movements whose payments are locked. */
export function updateMovements(tx: Transaction, movements: readonly Movement[]): void {
  if (movements.length > 0) tx.write(movementUpdate(movements));
}
