import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId, operations, paymentStatuses } from '@tallystick/contracts';
import type { Answer, Customer } from '@tallystick/http/testing';
import { EXAMINED_ROWS_MAX, type ListPage, type ListRange, type Queryable } from '@tallystick/postgres';
import { readList, workOf } from '@tallystick/postgres/testing';
import fc from 'fast-check';

import type { Payment } from '../src/domain/payment.ts';
import { findPaymentPage, type PaymentFilter } from '../src/store/payment-list.ts';
import { startPaymentWorld, type OwnedAccount, type PaymentWorld } from './payment-world.ts';

const { listPayments } = operations;
const [ann, ben] = [newId('usr'), newId('usr')];

let world: PaymentWorld;
let byAnn: Customer;
let anns: OwnedAccount[];
let bens: OwnedAccount;
beforeAll(async () => {
  world = await startPaymentWorld();
  byAnn = world.by(ann);
  anns = [await world.account(ann), await world.account(ann)];
  bens = await world.account(ben);
});
afterAll(() => world.stop());
beforeEach(() => world.pool.query('TRUNCATE payment'));

interface Row {
  id: string;
  initiatorKind: 'subject' | 'producer';
  initiatorId: string;
  sourceId: string;
  payeeId: string;
  endToEndId: string;
  status: Payment['status'];
  atMs: number;
}

const insert = (rows: readonly Row[]): Promise<unknown> =>
  world.pool.query(
    `INSERT INTO payment (payment_id, initiator_kind, initiator_id, source_kind, source_id, payee_account_id, amount_minor,
       currency, capture, end_to_end_id, end_to_end_id_freed, status, captured_minor, refunded_minor, capturing_minor,
       refunding_minor, txn, created_at, updated_at)
     SELECT id, "initiatorKind", "initiatorId", 'account', "sourceId", "payeeId", 100, 'EUR', 'automatic', "endToEndId",
       status = 'failed', status, 0, 0, 0, 0, id, to_timestamp("atMs" / 1000.0), to_timestamp("atMs" / 1000.0)
     FROM jsonb_to_recordset($1) AS r (id text, "initiatorKind" text, "initiatorId" text, "sourceId" text,
       "payeeId" text, "endToEndId" text, status text, "atMs" float)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );

const pageOf =
  (filter: PaymentFilter, on: Queryable = world.pool) =>
  (range: ListRange): Promise<ListPage<Payment>> =>
    findPaymentPage(on, ann, filter, range);

const startMs = Date.UTC(2026, 10, 24);
const time = fc.integer({ min: 0, max: 15 }).map((at) => startMs + at);
const endToEndId = fc.constantFrom('RENT', 'ORDER-1', 'ORDER-2');

describe('the list of payments', () => {
  test('has each payment that existed at the start once, newest first, with any filter', async () => {
    const accounts = [...anns, bens].map(({ accountId }) => accountId);
    const mine = anns.map(({ accountId }) => accountId);
    const account = fc.constantFrom(...accounts);
    const row = fc.record({
      id: fc.uuid(),
      initiatorKind: fc.constantFrom('subject' as const, 'producer' as const),
      initiatorId: fc.constantFrom(ann, ben),
      sourceId: account,
      payeeId: account,
      endToEndId,
      status: fc.constantFrom(...paymentStatuses),
      atMs: time,
    });
    const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
    const filters = fc.record({
      status: optional(fc.constantFrom(...paymentStatuses)),
      accountId: optional(account),
      endToEndId: optional(endToEndId),
    });
    const range = fc.record({
      limit: fc.integer({ min: 1, max: 7 }),
      fromMs: optional(time),
      toMs: optional(time),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 30 }),
        fc.array(row, { maxLength: 20 }),
        filters,
        range,
        async (rows, others, filter, part) => {
          await world.pool.query('TRUNCATE payment');
          await insert(rows);
          const { rows: stored } = await world.pool.query<{ id: string }>(
            'SELECT payment_id AS id FROM payment',
          );
          const existing = new Set(stored.map(({ id }) => id));
          const later = others.filter(({ id }) => !existing.has(id));
          const shown = await readList(pageOf(filter), part, () => insert(later.splice(0, 4)));
          const wanted = rows
            .filter((one) => existing.has(one.id))
            .filter((one) => {
              const isOrdered = one.initiatorKind === 'subject' && one.initiatorId === ann;
              const isMine = mine.includes(one.sourceId) || mine.includes(one.payeeId);
              const isHeld = one.status !== 'requested' && one.status !== 'failed';
              const touches = (id: string): boolean =>
                mine.includes(id) && [one.sourceId, one.payeeId].includes(id);
              return (
                (isOrdered || (isMine && isHeld)) &&
                (filter.status ?? one.status) === one.status &&
                (filter.accountId === undefined || touches(filter.accountId)) &&
                (filter.endToEndId ?? one.endToEndId) === one.endToEndId &&
                (part.fromMs ?? one.atMs) <= one.atMs &&
                (part.toMs === undefined || one.atMs < part.toMs)
              );
            })
            .toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1));
          const ids = shown.map(({ paymentId }) => paymentId);
          expect(ids.filter((id) => existing.has(id))).toEqual(wanted.map(({ id }) => id));
          expect(new Set(ids).size).toBe(ids.length);
        },
      ),
    );
  });

  test('reads a page from an index, however long the list is', async () => {
    const rows = 100_000;
    const [mine, other] = [anns[0]!.accountId, bens.accountId];
    await world.pool.query(
      `INSERT INTO payment (payment_id, initiator_kind, initiator_id, source_kind, source_id, payee_account_id, amount_minor,
         currency, capture, end_to_end_id, status, captured_minor, refunded_minor, capturing_minor, refunding_minor, txn,
         created_at, updated_at)
       SELECT 'pay_' || n, CASE n % 4 WHEN 3 THEN 'producer' ELSE 'subject' END, CASE n % 4 WHEN 0 THEN $4 ELSE $3 END,
         'account', CASE n % 4 WHEN 0 THEN $2 ELSE $1 END, CASE n % 4 WHEN 0 THEN $1 ELSE $2 END, 100, 'EUR', 'automatic',
         'ORDER-' || n, CASE n WHEN 1 THEN 'refunded' ELSE 'captured' END, 0, 0, 0, 0, '', to_timestamp(n), to_timestamp(n)
       FROM generate_series(1, $5::int) AS n`,
      [mine, other, ann, ben, rows],
    );
    await world.pool.query('ANALYZE payment');
    const limit = 50;
    const range = { limit, after: { timeMs: (rows / 2) * 1_000, id: 'pay_' }, fromMs: 0, toMs: undefined };
    /** Each part reads its newest: what each of two accounts paid and received, and what the customer ordered. */
    const partsMax = 5;
    const costOf = async (filter: PaymentFilter): Promise<number> => {
      const { rowsRead, sequentialScans } = await workOf(world.pool, (on) => pageOf(filter, on)(range));
      expect(sequentialScans).toEqual([]);
      return rowsRead;
    };
    const accounts = anns.length;
    for (const filter of [{}, { accountId: mine }])
      expect(await costOf(filter)).toBeLessThanOrEqual(partsMax * (limit + 1) + 2 * accounts);
    for (const at of [rows / 2 - 1, rows / 2 - 2, rows / 2 - 3])
      for (const filter of [{}, { accountId: mine }])
        expect(await costOf({ ...filter, endToEndId: `ORDER-${at}` })).toBeLessThanOrEqual(
          partsMax + 2 * accounts,
        );
    expect(await costOf({ status: 'refunded' })).toBeLessThanOrEqual(
      partsMax * EXAMINED_ROWS_MAX + 2 * accounts,
    );
  });
});

describe('a client that lists payments', () => {
  const list = (query: string): Promise<Answer> => byAnn(listPayments, { query });
  const idsOf = ({ body }: Answer): string[] =>
    (body['payments'] as { paymentId: string }[]).map(({ paymentId }) => paymentId);

  test('filters them by state, account, end-to-end id and time', async () => {
    const first = await world.pay(anns[0]!, bens, 'automatic');
    const second = await world.pay(anns[1]!, bens, 'manual', { endToEndId: 'ORDER-7' });
    expect(idsOf(await list('?status=captured'))).toEqual([first]);
    expect(idsOf(await list(`?accountId=${anns[1]!.accountId}`))).toEqual([second]);
    expect(idsOf(await list('?endToEndId=ORDER-7'))).toEqual([second]);
    const { body } = await list(`?accountId=${anns[1]!.accountId}`);
    const [{ createdAt }] = body['payments'] as [{ createdAt: string }];
    expect(idsOf(await list(`?from=${createdAt}`))).toContain(second);
    expect(idsOf(await list(`?to=${createdAt}`))).not.toContain(second);
    expect(idsOf(await list('?from=0000-01-01T00:00:00Z&to=9999-12-31T23:59:59Z'))).toHaveLength(2);
  });

  test.each(['state=captured', 'status=posted', 'from=yesterday', 'from=1', 'accountId=1', 'endToEndId='])(
    'is refused %s',
    async (filter) => {
      const { status, body } = await list(`?${filter}`);
      expect([status, body.code]).toEqual([400, 'request.invalid']);
    },
  );
});
