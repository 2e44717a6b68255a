import { MOVEMENTS_SHOWN } from '@tallystick/contracts';
import { insertRows, updateRows, type Queryable, type Transaction } from '@tallystick/postgres';
import type { Movement } from '../domain/payment.ts';

interface Row {
  transfer_id: string;
  payment_id: string;
  kind: Movement['kind'];
  operation_id: string;
  amount_minor: bigint;
  status: Movement['status'];
  code: NonNullable<Movement['code']> | null;
  created_at: Date;
  idempotency_key: string | null;
}

const movementOf = (row: Row): Movement => ({
  transferId: row.transfer_id,
  paymentId: row.payment_id,
  kind: row.kind,
  operationId: row.operation_id,
  amountMinor: row.amount_minor,
  status: row.status,
  code: row.code ?? undefined,
  requestedAtMs: row.created_at.getTime(),
  idempotencyKey: row.idempotency_key ?? undefined,
});

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
  return new Map(rows.map((row) => [row.transfer_id, movementOf(row)]));
}

const newestOf = (kind: Movement['kind']): string =>
  `(SELECT * FROM movement WHERE payment_id = payment.payment_id AND kind = '${kind}'
    ORDER BY created_at DESC, transfer_id DESC LIMIT ${MOVEMENTS_SHOWN})`;

/** SQL of the newest captures and refunds of a row of `payment`, newest first, for {@link movementsOf}. */
export const newestMovements = `(SELECT coalesce(jsonb_agg(newest), '[]')
  FROM (${newestOf('capture')} UNION ALL ${newestOf('refund')}) AS newest)`;

/** A value of {@link newestMovements}: JSON has neither dates nor `bigint`. */
export type MovementRows = (Omit<Row, 'amount_minor' | 'created_at'> & {
  amount_minor: number;
  created_at: string;
})[];

/** Reads the value of {@link newestMovements}. */
export function movementsOf(rows: MovementRows): Movement[] {
  return rows.map((row) =>
    movementOf({ ...row, amount_minor: BigInt(row.amount_minor), created_at: new Date(row.created_at) }),
  );
}

/** Finds a capture or refund of a payment by its id. */
export async function findMovement(
  on: Queryable,
  { paymentId, kind, operationId }: Pick<Movement, 'paymentId' | 'kind' | 'operationId'>,
): Promise<Movement | undefined> {
  const { rows } = await on.query<Row>(
    'SELECT * FROM movement WHERE operation_id = $1 AND payment_id = $2 AND kind = $3',
    [operationId, paymentId, kind],
  );
  return rows.map(movementOf)[0];
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
  code: ['text', ({ code }) => code, 'shared'],
  created_at: ['timestamptz', ({ requestedAtMs }) => new Date(requestedAtMs), 'shared'],
  idempotency_key: ['text', ({ idempotencyKey }) => idempotencyKey, 'shared'],
});

/** Inserts new movements. */
export function insertMovements(tx: Transaction, movements: readonly Movement[]): void {
  if (movements.length > 0) tx.write(movementInsert(movements));
}

const movementUpdate = updateRows<Movement>('movement_update', 'movement', 'transfer_id', {
  transfer_id: ['text', ({ transferId }) => transferId],
  status: ['text', ({ status }) => status],
  code: ['text', ({ code }) => code, 'shared'],
});

/** Updates the status of movements whose payments are locked. */
export function updateMovements(tx: Transaction, movements: readonly Movement[]): void {
  if (movements.length > 0) tx.write(movementUpdate(movements));
}
