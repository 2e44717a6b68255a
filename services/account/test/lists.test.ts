import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId, operations } from '@tallystick/contracts';
import { Edge } from '@tallystick/http';
import { customer, type Customer } from '@tallystick/http/testing';
import type { Send } from '@tallystick/messaging';
import { noteSent } from '@tallystick/messaging/testing';
import { transaction, type ListRange, type Queryable } from '@tallystick/postgres';
import { readList, workOf } from '@tallystick/postgres/testing';
import fc from 'fast-check';

import { accountRoutes } from '../src/http/account-routes.ts';
import { mandateRoutes } from '../src/http/mandate-routes.ts';
import { findAccountPage } from '../src/store/accounts.ts';
import { findEntryPage } from '../src/store/entry-list.ts';
import { ledgerStore } from '../src/store/ledger-store.ts';
import { findMandatePage } from '../src/store/mandates.ts';
import { startAccountWorld, type AccountWorld, type OwnedAccount } from './account-world.ts';

const { accountList, entryList, mandateList } = operations;

let world: AccountWorld;
let edge: Edge<Send>;
let byAnn: Customer;
let ann: string;
let anns: OwnedAccount;
let port: number;
beforeAll(async () => {
  world = await startAccountWorld();
  edge = new Edge<Send>({
    ...world.edgeOptions,
    service: 'account',
    transact: (work) => transaction(world.pool, (tx) => work(tx, noteSent([]))),
    operations: [],
  });
  accountRoutes(edge, world.pool, { ledgerStoreOf: (tx) => ledgerStore(tx), nowMs: Date.now });
  mandateRoutes(edge, world.pool, Date.now);
  port = await edge.listen(0);
});
afterAll(async () => {
  await edge.close();
  await world.stop();
});
beforeEach(async () => {
  ann = newId('usr');
  byAnn = customer(world, port, ann);
  anns = await world.open({ ownerId: ann });
});

/** Reads all pages as a client does. @returns the ids of the rows of each page */
async function pagesOf(list: (query: string) => ReturnType<Customer>, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const { body } = await list(`?limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`);
    const { nextCursor, ...rows } = body;
    const [found] = Object.values(rows) as Record<string, string>[][];
    pages.push(found!.map((row) => row['transferId'] ?? row['mandateId'] ?? row['accountId']!));
    cursor = nextCursor as string | undefined;
  } while (cursor !== undefined);
  return pages;
}

const outside = newId('acc');
const insertLines = (accountId: string, lines: readonly { id: string; paymentId: string; atMs: number }[]) =>
  world.pool.query(
    `WITH n AS (SELECT r.*, sequence + row_number() OVER (ORDER BY place) AS number
                FROM jsonb_to_recordset($2) AS r (id text, "paymentId" text, "atMs" float, place int), account WHERE account_id = $1),
     entry AS (INSERT INTO journal_entry (entry_id, debit_account_id, credit_account_id, amount_minor, currency,
         debit_sequence, credit_sequence, payment_id, refund, evidence_jti, posted_at)
       SELECT id, $3, $1, 1, 'EUR', number, number, "paymentId", false, id, to_timestamp("atMs" / 1000.0) FROM n),
     line AS (INSERT INTO journal_line (account_id, sequence, entry_id, amount_minor, currency, balance_minor, posted_at)
       SELECT $1, number, id, 1, 'EUR', number, to_timestamp("atMs" / 1000.0) FROM n)
     UPDATE account SET sequence = sequence + (SELECT count(*) FROM n) WHERE account_id = $1`,
    [accountId, JSON.stringify(lines.map((line, place) => ({ ...line, place }))), outside],
  );

describe('the entries of an account', () => {
  test('are each seen once, newest first, while entries are posted', async () => {
    const startMs = Date.UTC(2026, 10, 24);
    const payment = fc.constantFrom('pay_1', 'pay_2', 'pay_3');
    // A batch has a later time than the one before; its entries have one time.
    const line = fc.record({ paymentId: payment, laterMs: fc.constantFrom(0, 0, 1, 2) });
    const time = fc.option(
      fc.integer({ min: 0, max: 40 }).map((ms) => startMs + ms),
      { nil: undefined },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 30 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.option(payment, { nil: undefined }),
        time,
        time,
        async (drawn, laterFrom, limit, paymentId, fromMs, toMs) => {
          const account = await world.open();
          let atMs = startMs;
          const lines = drawn.map((one) => ({
            paymentId: one.paymentId,
            id: newId('trf'),
            atMs: (atMs += one.laterMs),
          }));
          const existing = lines.slice(0, laterFrom);
          const later = lines.slice(laterFrom);
          await insertLines(account.accountId, existing);
          const shown = await readList(
            (range) => findEntryPage(world.pool, account.accountId, { paymentId }, range),
            { limit, fromMs, toMs },
            () => insertLines(account.accountId, later.splice(0, 3)),
          );
          const wanted = existing
            .filter((one) => paymentId === undefined || one.paymentId === paymentId)
            .filter((one) => fromMs === undefined || one.atMs >= fromMs)
            .filter((one) => toMs === undefined || one.atMs < toMs)
            .map(({ id }) => id)
            .toReversed();
          expect(shown.map(({ transferId }) => transferId)).toEqual(wanted);
        },
      ),
    );
  });
});

describe('a page of a list', () => {
  const rows = 100_000;
  const limit = 50;
  const middleMs = (rows / 2) * 1_000;
  const costOf = async (read: (on: Queryable) => Promise<unknown>): Promise<number> => {
    const { rowsRead, sequentialScans } = await workOf(world.pool, read);
    expect(sequentialScans).toEqual([]);
    return rowsRead;
  };
  const range = { limit, after: undefined, fromMs: undefined, toMs: undefined };
  const ranges = (id: string): ListRange[] => [
    range,
    { ...range, after: { timeMs: middleMs, id } },
    { ...range, fromMs: 1_000, toMs: middleMs },
  ];

  test('of accounts or mandates reads its rows only, of 100,000', async () => {
    await world.pool.query(
      `INSERT INTO account (account_id, owner_id, kind, currency, opened_at)
       SELECT 'acc_' || n, $1, 'customer', 'EUR', to_timestamp(n) FROM generate_series(1, $2::int) AS n`,
      [ann, rows],
    );
    await world.pool.query(
      `INSERT INTO mandate (mandate_id, account_id, owner_id, grantee_kind, grantee_id, currency, per_payment_minor,
         per_day_minor, per_month_minor, status, granted_at)
       SELECT 'mdt_' || n, $1, $2, 'producer', 'acme', 'EUR', 1, 1, 1, 'withdrawn', to_timestamp(n)
       FROM generate_series(1, $3::int) AS n`,
      [anns.accountId, ann, rows],
    );
    await world.pool.query('ANALYZE account, mandate');
    for (const one of ranges('')) {
      expect(await costOf((on) => findAccountPage(on, ann, one))).toBe(limit + 1);
      expect(await costOf((on) => findMandatePage(on, ann, {}, one))).toBe(limit + 1);
    }
  });

  test('of entries reads its rows and the way to a time, of 100,000', async () => {
    const { accountId } = anns;
    await insertLines(
      accountId,
      Array.from({ length: rows }, (_, at) => ({
        id: `${accountId} ${at}`,
        paymentId: `pay_${at}`,
        atMs: at * 1_000,
      })),
    );
    await world.pool.query('ANALYZE journal_line, journal_entry, account');
    const [rowsOfPage, stepsToTime] = [2 * (limit + 1), 2 * Math.ceil(Math.log2(rows)) + 2];
    for (const one of ranges(String(rows / 2)))
      expect(await costOf((on) => findEntryPage(on, accountId, {}, one))).toBeLessThanOrEqual(
        rowsOfPage + 2 * stepsToTime,
      );
    const paymentId = `pay_${rows / 2}`;
    expect(await costOf((on) => findEntryPage(on, accountId, { paymentId }, range))).toBeLessThanOrEqual(3);
  });
});

describe('a client', () => {
  test('reads its accounts, mandates and entries by pages, newest first', async () => {
    const mandates: string[] = [];
    for (const id of ['acme', 'bolt', 'core'])
      mandates.unshift(await world.allow(anns, { kind: 'producer', id }));
    const accounts = [anns.accountId];
    for (const fundedMinor of [10n, 0n])
      accounts.unshift((await world.open({ ownerId: ann, fundedMinor })).accountId);
    const params = { accountId: accounts[1]! };
    const second = { id: newId('trf'), paymentId: newId('pay'), atMs: Date.now() };
    await insertLines(params.accountId, [second]);

    const chunks = (ids: string[]): string[][] => [ids.slice(0, 2), ids.slice(2)];
    expect(await pagesOf((query) => byAnn(accountList, { query }), 2)).toEqual(chunks(accounts));
    expect(await pagesOf((query) => byAnn(mandateList, { query }), 2)).toEqual(chunks(mandates));
    expect(await pagesOf((query) => byAnn(entryList, { params, query }), 1)).toEqual([
      [second.id],
      [expect.stringMatching(/^trf_/)],
    ]);
  });

  test('filters mandates by state and account', async () => {
    const other = await world.open({ ownerId: ann });
    const first = await world.allow(anns, { kind: 'producer', id: 'acme' });
    const second = await world.allow(anns, { kind: 'producer', id: 'acme' });
    const third = await world.allow(other, { kind: 'producer', id: 'acme' });
    const list = async (query: string): Promise<string[]> =>
      (await pagesOf((page) => byAnn(mandateList, { query: page + query }), 10)).flat();
    expect(await list('&status=withdrawn')).toEqual([first]);
    expect(await list(`&status=active&accountId=${anns.accountId}`)).toEqual([second]);
    expect(await list(`&accountId=${other.accountId}`)).toEqual([third]);
  });

  test.each(['status=open', 'before=1', 'to=now', `cursor=${Buffer.from('1 a').toString('base64url')}`])(
    'is refused %s for a list of entries',
    async (filter) => {
      const { accountId } = anns;
      const answer = await byAnn(entryList, { params: { accountId }, query: `?${filter}` });
      expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
    },
  );
});
