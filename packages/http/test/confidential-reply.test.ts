import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, operations } from '@tallystick/contracts';
import { migrate } from '@tallystick/postgres';
import { openTestDatabase } from '@tallystick/postgres/testing';
import type { KeySet } from '@tallystick/security';

import { edgeMigrations, type Edge } from '../src/index.ts';
import { scrubReplies } from '../src/idempotency.ts';
import { client, startEdgeWorld, type Answer, type Call, type EdgeWorld } from './edge-world.ts';

const { cardIssue, accountOpen } = operations;
const NUMBER = '4000001234567899';

const keys = (current: string, older: KeySet['keys'] = {}): KeySet => ({
  current,
  keys: { ...older, [current]: randomBytes(32) },
});

let world: EdgeWorld;
let edge: Edge<undefined>;
let call: (call: Call) => Promise<Answer>;
let replyKeys = keys('first');
beforeAll(async () => {
  world = await startEdgeWorld();
  edge = world.newEdge({ replyKeys: () => Promise.resolve(replyKeys) });
  serveCards(edge);
  call = client(world, await edge.listen(0));
});
afterAll(async () => {
  await edge.close();
  await world.stop();
});

function serveCards(on: Edge<undefined>): void {
  on.write(cardIssue, (requests) =>
    requests.map(({ body }) => ({
      body: {
        cardId: newId('crd'),
        ...body,
        last4: NUMBER.slice(-4),
        expiry: '2029-11',
        status: 'issued' as const,
        issuedAt: '2026-11-24T12:00:00Z',
        number: NUMBER,
      },
    })),
  );
}

const limits = { perPaymentMinor: 100, perDayMinor: 200, perMonthMinor: 300 };
const order = (): Call & { headers: Record<string, string> } => ({
  path: cardIssue.path,
  body: { accountId: newId('acc'), currency: 'EUR', limits },
  headers: { 'idempotency-key': randomUUID() },
});

describe('a response with a confidential field', () => {
  test('is stored without a readable value of the field', async () => {
    const asked = order();
    expect(await call(asked)).toMatchObject({ status: 202, body: { number: NUMBER } });
    const { rows } = await world.pool.query<{ body: string | null; body_encrypted: Buffer; row: string }>(
      'SELECT body, body_encrypted, to_jsonb(k)::text AS row FROM idempotency_key k WHERE key = $1',
      [asked.headers['idempotency-key']],
    );
    expect(rows[0]!.body).toBeNull();
    expect(rows[0]!.row).not.toContain(NUMBER.slice(0, 8));
    expect(rows[0]!.row).not.toContain(NUMBER.slice(-8));
    expect(rows[0]!.body_encrypted.includes(NUMBER)).toBe(false);
  });

  test('is returned again for a repeated request', async () => {
    const asked = order();
    const [first, second] = [await call(asked), await call(asked)];
    expect(second).toMatchObject({ status: 202, body: first.body });
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  test('is returned again after a rotation of the keys', async () => {
    const asked = order();
    const first = await call(asked);
    replyKeys = keys('second', replyKeys.keys);
    expect(await call(asked)).toMatchObject({ status: 202, body: first.body });
  });

  test('cannot be decrypted in another row', async () => {
    const [asked, other] = [order(), order()];
    await call(asked);
    await call(other);
    await world.pool.query(
      `UPDATE idempotency_key k SET body_encrypted = o.body_encrypted FROM idempotency_key o
       WHERE k.key = $1 AND o.key = $2`,
      [asked.headers['idempotency-key'], other.headers['idempotency-key']],
    );
    expect(await call(asked)).toMatchObject({ status: 500, body: { code: 'internal' } });
  });

  test('is never replaced by a fuller one', () => {
    const amending = world.newEdge({ replyKeys: () => Promise.resolve(replyKeys) });
    const amend = () => Promise.reject(new Error('not called'));
    expect(() => amending.write(cardIssue, () => [], amend)).toThrow(/cannot be amended$/);
    amending.write(accountOpen, () => []);
  });

  test('is not served by an edge without keys', () => {
    const without = world.newEdge();
    expect(() => serveCards(without)).toThrow(/^card.issue answers with confidential fields/);
    without.write(accountOpen, () => []);
  });
});

describe('responses stored by earlier releases', () => {
  test('lose only their card number', async () => {
    const database = await openTestDatabase();
    const directory = await mkdtemp(join(tmpdir(), 'tallystick-http-'));
    for (const file of ['0001-edge.sql', '0002-readiness.sql'])
      await copyFile(new URL(file, edgeMigrations.directory), join(directory, file));
    await migrate(database.pool, { ...edgeMigrations, directory: pathToFileURL(`${directory}/`) });
    const kept = [
      { cardId: 'crd_1', last4: '7899', number: NUMBER },
      { paymentId: 'pay_1', endToEndId: `"number":"${NUMBER}"`, amountMinor: 9_007_199_254_740_991 },
    ];
    await database.pool.query(
      `INSERT INTO idempotency_key (subject, key, request_digest, status, body)
       SELECT 'usr_1', at::text, ''::bytea, 202, body FROM unnest($1::text[]) WITH ORDINALITY AS t (body, at)`,
      [[...kept.map((body) => JSON.stringify(body)), null]],
    );
    await migrate(database.pool, edgeMigrations);
    const { rows } = await database.pool.query<{ body: string | null }>(
      'SELECT body FROM idempotency_key ORDER BY key',
    );
    expect(rows.map(({ body }) => (body === null ? null : (JSON.parse(body) as unknown)))).toEqual([
      { cardId: 'crd_1', last4: '7899' },
      kept[1],
      null,
    ]);
    await rm(directory, { recursive: true });
    await database.close();
  });

  test('lose it also while such a release runs in parallel, by the marked fields', async () => {
    await world.pool.query(
      `INSERT INTO idempotency_key (subject, key, request_digest, status, body)
       VALUES ('usr_1', 'previous', '', 202, $1), ('usr_1', 'previous, of an account', '', 201, '{"accountId":"acc_1"}')`,
      [JSON.stringify({ cardId: 'crd_1', number: NUMBER })],
    );
    await scrubReplies(world.pool, ['number']);
    const { rows } = await world.pool.query<{ body: string }>(
      `SELECT body FROM idempotency_key WHERE key LIKE 'previous%' ORDER BY key`,
    );
    expect(rows.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { cardId: 'crd_1' },
      { accountId: 'acc_1' },
    ]);
  });
});
