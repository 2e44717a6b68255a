import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@tallystick/contracts';
import { transaction } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { findShownPayments } from '../src/store/shown-payments.ts';
import { paymentSchema } from '../src/store/schema.ts';

const READS = 400;
const AMOUNT_MINOR = 10n;

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase(paymentSchema);
});
afterAll(() => database.close());

test('a payment and its refund are read at the same moment', async () => {
  const { pool } = database;
  const [paymentId, transferId] = [newId('pay'), newId('trf')];
  await pool.query(
    `INSERT INTO payment (payment_id, initiator_kind, initiator_id, source_kind, source_id, payee_account_id, amount_minor,
       currency, capture, end_to_end_id, end_to_end_id_freed, status, captured_minor, refunded_minor, capturing_minor,
       refunding_minor, txn, created_at, updated_at)
     VALUES ($1, 'subject', $1, 'account', $1, $1, 100, 'EUR', 'manual', 'RENT', false, 'captured', 100, 0, 0, 0, $1, now(), now())`,
    [paymentId],
  );
  await pool.query(
    `INSERT INTO movement (transfer_id, payment_id, kind, operation_id, amount_minor, status, created_at)
     VALUES ($1, $2, 'refund', $3, $4, 'requested', now())`,
    [transferId, paymentId, newId('rfd'), AMOUNT_MINOR],
  );

  const reading = new AbortController();
  const refunding = (async (): Promise<void> => {
    for (let isRefunded = true; !reading.signal.aborted; isRefunded = !isRefunded) {
      await transaction(pool, async (tx) => {
        tx.write({
          text: 'UPDATE payment SET refunded_minor = $2 WHERE payment_id = $1',
          values: [paymentId, isRefunded ? AMOUNT_MINOR : 0n],
        });
        tx.write({
          text: 'UPDATE movement SET status = $2 WHERE transfer_id = $1',
          values: [transferId, isRefunded ? 'posted' : 'requested'],
        });
      });
    }
  })();
  const seen = new Set<string>();
  for (let read = 0; read < READS; read += 1) {
    const payment = (await findShownPayments(pool, [paymentId])).get(paymentId)!;
    seen.add(`${payment.refundedMinor} refunded, ${payment.movements[0]!.status}`);
  }
  reading.abort();
  await refunding;
  expect([...seen].sort()).toEqual(['0 refunded, requested', '10 refunded, posted']);
});
