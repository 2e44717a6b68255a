import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messages, newId, operations } from '@tallystick/contracts';
import { Edge } from '@tallystick/http';
import { customer, type Customer } from '@tallystick/http/testing';
import type { Send } from '@tallystick/messaging';
import { deliver, noteSent, received } from '@tallystick/messaging/testing';
import { EXAMINED_ROWS_MAX, transaction, type Queryable } from '@tallystick/postgres';
import { workOf } from '@tallystick/postgres/testing';

import { cardRoutes } from '../src/http/card-routes.ts';
import { findAuthorizationPage } from '../src/store/authorizations.ts';
import { findCardPage } from '../src/store/cards.ts';
import { ISSUER_NUMBER, startCardWorld, type CardWorld, type IssuedCard } from './card-world.ts';

const { authorizationList, cardList, cardIssue } = operations;
const ann = newId('usr');

let world: CardWorld;
let edge: Edge<Send>;
let byAnn: Customer;
beforeAll(async () => {
  world = await startCardWorld();
  const { pool, fieldKeys } = world;
  edge = new Edge<Send>({
    ...world.edgeOptions,
    service: 'card',
    transact: (work) => transaction(pool, (tx) => work(tx, noteSent([]))),
    replyKeys: async (tx) => (await fieldKeys.read(tx)).encryption,
    operations: [],
  });
  cardRoutes(edge, pool, {
    fieldKeys: (tx) => fieldKeys.read(tx),
    issuerNumber: ISSUER_NUMBER,
    nowMs: Date.now,
  });
  byAnn = customer(world, await edge.listen(0), ann);
});
afterAll(async () => {
  await edge.close();
  await world.stop();
});

/** Reads all pages of two rows as a client does. @returns the ids of the rows of each page */
async function pagesOf(list: (query: string) => ReturnType<Customer>, filter = ''): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const { body } = await list(`?limit=2${filter}${cursor === undefined ? '' : `&cursor=${cursor}`}`);
    const { nextCursor, ...rows } = body;
    const [found] = Object.values(rows) as Record<string, string>[][];
    pages.push(found!.map((row) => row['authorizationId'] ?? row['cardId']!));
    cursor = nextCursor as string | undefined;
  } while (cursor !== undefined);
  return pages;
}

describe('the list of cards', () => {
  test('has pages, newest first, and filters by state and account', async () => {
    const limits = { perPaymentMinor: 1, perDayMinor: 1, perMonthMinor: 1 };
    const issued: Record<string, string>[] = [];
    for (let at = 0; at < 3; at += 1) {
      const body = { accountId: newId('acc'), currency: 'EUR', limits };
      issued.unshift((await byAnn(cardIssue, { body })).body as never);
    }
    const ids = issued.map(({ cardId }) => cardId!);
    const list = (query: string): ReturnType<Customer> => byAnn(cardList, { query });
    expect(await pagesOf(list)).toEqual([ids.slice(0, 2), ids.slice(2)]);
    expect(await pagesOf(list, '&status=issued')).toEqual([ids.slice(0, 2), ids.slice(2)]);
    expect(await pagesOf(list, '&status=active')).toEqual([[]]);
    expect(await pagesOf(list, `&accountId=${issued[1]!['accountId']}`)).toEqual([[ids[1]]]);
  });
});

describe('the list of authorizations of a card', () => {
  let card: IssuedCard;
  let ids: string[];
  const startMs = Date.now();
  beforeAll(async () => {
    card = await world.issue({ limitMinor: 150n });
    ids = [];
    for (let at = 0; at < 3; at += 1) {
      const asked = await world.authorize(card);
      ids.unshift(asked.authorizationId);
      const commands = world.commands(() => startMs + at);
      await deliver(world.pool, commands, [received(messages.cardAuthorize, asked)]);
    }
  });
  const list = (query: string): ReturnType<Customer> => {
    const token = world.token({ sub: card.ownerId, scope: 'cards:read' });
    return byAnn(authorizationList, { params: { cardId: card.cardId }, query, token });
  };

  test('has pages, newest first', async () => {
    expect(await pagesOf(list)).toEqual([ids.slice(0, 2), ids.slice(2)]);
  });

  test('filters by state and time', async () => {
    expect(await pagesOf(list, '&status=declined')).toEqual([ids.slice(0, 2)]);
    expect(await pagesOf(list, '&status=requested')).toEqual([ids.slice(2)]);
    const at = (ms: number): string => new Date(startMs + ms).toISOString();
    expect(await pagesOf(list, `&from=${at(1)}&to=${at(2)}`)).toEqual([[ids[1]]]);
  });

  test.each(['status=captured', 'state=declined', 'cursor=AAAA'])('is refused with %s', async (filter) => {
    const { status, body } = await list(`?${filter}`);
    expect([status, body.code]).toEqual([400, 'request.invalid']);
  });
});

test('a page reads its rows from an index, of 100,000', async () => {
  const rows = 100_000;
  const { cardId } = await world.issue();
  await world.pool.query(
    `INSERT INTO card_authorization (authorization_id, card_id, payment_id, payee_account_id, debit_account_id, hold_id,
       amount_minor, currency, status, requested_at)
     SELECT 'aut_' || n, $1, 'pay_' || n, 'acc', 'acc', 'hld_' || n, 1, 'EUR', 'ended', to_timestamp(n)
     FROM generate_series(1, $2::int) AS n`,
    [cardId, rows],
  );
  await world.pool.query(
    `INSERT INTO card (card_id, owner_id, account_id, mandate_id, currency, per_payment_minor, per_day_minor,
       per_month_minor, number_encrypted, number_fingerprint, last4, expiry, status, issued_at)
     SELECT 'crd_' || n, 'many', 'acc', 'mdt_' || n, 'EUR', 1, 1, 1, '\\x0000', n::text::bytea, '0000', '2030-01', 'active',
       to_timestamp(n)
     FROM generate_series(1, $1::int) AS n`,
    [rows],
  );
  await world.pool.query('ANALYZE card, card_authorization');
  const limit = 50;
  const middle = { timeMs: (rows / 2) * 1_000, id: '' };
  const range = { limit, after: middle, fromMs: 0, toMs: undefined };
  const expectRead = async (rowsRead: number, read: (on: Queryable) => Promise<unknown>): Promise<void> =>
    expect(await workOf(world.pool, read)).toEqual({ rowsRead, sequentialScans: [] });
  await expectRead(limit + 1, (on) => findAuthorizationPage(on, cardId, {}, range));
  await expectRead(EXAMINED_ROWS_MAX, (on) =>
    findAuthorizationPage(on, cardId, { status: 'declined' }, range),
  );
  await expectRead(limit + 1, (on) => findCardPage(on, 'many', {}, range));
  await expectRead(EXAMINED_ROWS_MAX, (on) => findCardPage(on, 'many', { status: 'issued' }, range));
});
