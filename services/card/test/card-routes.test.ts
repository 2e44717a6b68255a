import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { messages, newId, operations } from '@tallystick/contracts';
import { Edge } from '@tallystick/http';
import { customer, type Customer } from '@tallystick/http/testing';
import type { Send } from '@tallystick/messaging';
import { deliver, noteSent, received, type SentMessage } from '@tallystick/messaging/testing';
import { transaction } from '@tallystick/postgres';

import { hasValidCheckDigit } from './check-digit.ts';
import { serveAudit, serveSettings } from '@tallystick/service';
import { cardRoutes } from '../src/http/card-routes.ts';
import { ISSUER_NUMBER, startCardWorld, type CardWorld } from './card-world.ts';

const { cardBlock, cardUnblock, cardIssue, cardGet, cardList, authorizationList } = operations;
const [ann, eve] = [newId('usr'), newId('usr')];

let world: CardWorld;
let edge: Edge<Send>;
let byAnn: Customer;
let byEve: Customer;
const sent: SentMessage[] = [];
beforeAll(async () => {
  world = await startCardWorld();
  const { pool, fieldKeys } = world;
  const read = fieldKeys.read.bind(fieldKeys);
  edge = new Edge<Send>({
    ...world.edgeOptions,
    service: 'card',
    transact: (work) => transaction(pool, (tx) => work(tx, noteSent(sent))),
    replyKeys: async (tx) => (await read(tx)).encryption,
  });
  cardRoutes(edge, pool, { fieldKeys: read, issuerNumber: ISSUER_NUMBER, nowMs: Date.now });
  serveAudit('card', edge, pool);
  serveSettings('card', edge, { settings: {}, releaseId: 'test', startedAt: new Date() });
  const port = await edge.listen(0);
  [byAnn, byEve] = [customer(world, port, ann), customer(world, port, eve)];
});
afterAll(async () => {
  await edge.close();
  await world.stop();
});
beforeEach(() => void sent.splice(0));

const limits = { perPaymentMinor: 1_000, perDayMinor: 2_000, perMonthMinor: 3_000 };
const orderOf = (accountId = newId('acc')) => ({ accountId, currency: 'EUR', limits });
const issue = async (by = byAnn) => (await by(cardIssue, { body: orderOf() })).body as Record<string, string>;

describe('a customer who orders a card', () => {
  test('gets it with its number, shown only this once, and its location', async () => {
    const order = orderOf();
    const { status, body, headers } = await byAnn(cardIssue, { body: order });
    expect(status).toBe(202);
    const { number, ...card } = body as Record<string, string>;
    expect(card).toMatchObject({ ...order, status: 'issued', last4: number!.slice(-4) });
    expect(number!.startsWith(ISSUER_NUMBER)).toBe(true);
    expect(hasValidCheckDigit(number!)).toBe(true);
    expect(headers.get('location')).toContain(card['cardId']);
    const shown = await byAnn(cardGet, { params: { cardId: card['cardId']! } });
    expect(shown).toMatchObject({ status: 200, body: card });
    expect(JSON.stringify(shown.body)).not.toContain(number);
  });

  test('causes a mandate request to the ledger with the signed order', async () => {
    const order = orderOf();
    const { body } = await byAnn(cardIssue, { body: order });
    expect(sent.map(({ type }) => type)).toEqual(['card.issued', 'account.mandate.grant']);
    const { data } = sent[1]!;
    const asMinor = Object.entries(limits).map(([name, value]) => [name, BigInt(value)] as const);
    expect(data).toMatchObject({
      accountId: order.accountId,
      grantee: { kind: 'card', id: body['cardId'] },
      currency: 'EUR',
      limits: Object.fromEntries(asMinor),
      evidence: { kind: 'request', operation: cardIssue.id, body: JSON.stringify(order) },
    });
  });

  test('gets the same card with the same number for a repeated idempotency key', async () => {
    const repeated = { body: orderOf(), headers: { 'idempotency-key': 'card-of-ann-1' } };
    const first = await byAnn(cardIssue, repeated);
    const second = await byAnn(cardIssue, repeated);
    expect([second.status, second.body]).toEqual([202, first.body]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(sent).toHaveLength(2);
    const { rows } = await world.pool.query<{ kept: string }>(
      'SELECT idempotency_key::text AS kept FROM idempotency_key',
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ kept }) => kept.includes(String(first.body['number'])))).toEqual([]);
  });

  test.each([
    ['request.invalid', { body: { ...orderOf(), limits: { ...limits, perDayMinor: 0 } } }, 400],
    ['request.invalid', { body: { ...orderOf(), number: '4111111111111111' } }, 400],
    ['request.invalid', { body: orderOf(), headers: { 'idempotency-key': '' } }, 400],
    ['dpop.missing', { body: orderOf(), proof: null }, 401],
    ['dpop.digest_mismatch', { body: orderOf(), proof: { body: '{}' } }, 401],
  ])('is refused with %s, and no card is created', async (code, request, status) => {
    const cards = async () => (await world.pool.query('SELECT 1 FROM card')).rows.length;
    const before = await cards();
    const answer = await byAnn(cardIssue, request);
    expect([answer.body.code, answer.status]).toEqual([code, status]);
    expect(await cards()).toBe(before);
    expect(sent).toEqual([]);
  });

  test('needs the scope cards:write', async () => {
    const token = world.token({ sub: ann, scope: 'cards:read' });
    expect(await byAnn(cardIssue, { body: orderOf(), token })).toMatchObject({
      status: 403,
      body: { code: 'token.scope_insufficient' },
    });
  });
});

describe('a customer', () => {
  test('sees only their own cards', async () => {
    const [anns, eves] = [await issue(), await issue(byEve)];
    const idsOf = async (by: Customer): Promise<string[]> => {
      const { status, body } = await by(cardList);
      expect(status).toBe(200);
      return (body['cards'] as { cardId: string }[]).map(({ cardId }) => cardId);
    };
    expect(await idsOf(byAnn)).toContain(anns['cardId']);
    expect(await idsOf(byAnn)).not.toContain(eves['cardId']);
    expect(await idsOf(byEve)).toEqual([eves['cardId']]);
  });

  test.each([cardGet, authorizationList])(
    "gets the same answer to $id of another's card as of an unknown card",
    async (operation) => {
      const { cardId = '' } = await issue();
      const [others, unknown] = [
        await byEve(operation, { params: { cardId } }),
        await byEve(operation, { params: { cardId: newId('crd') } }),
      ];
      expect([others.status, others.body.code]).toEqual([404, 'resource.not_found']);
      expect([unknown.status, unknown.body.code]).toEqual([404, 'resource.not_found']);
    },
  );

  test('sees the authorizations of their card, newest first, up to the limit', async () => {
    const card = await world.issue();
    const asked = [await world.authorize(card), await world.authorize(card), await world.authorize(card)];
    const startMs = Date.now();
    for (const [at, one] of asked.entries())
      await deliver(
        world.pool,
        world.commands(() => startMs + at),
        [received(messages.cardAuthorize, one)],
      );
    const token = world.token({ sub: card.ownerId, scope: 'cards:read' });
    const list = async (query: string): Promise<object[]> => {
      const { body } = await byAnn(authorizationList, { params: { cardId: card.cardId }, query, token });
      return body['authorizations'] as object[];
    };
    const [newest, ...older] = asked.toReversed().map(({ authorizationId, paymentId }) => ({
      authorizationId,
      paymentId,
      amountMinor: 100,
      clearedMinor: 0,
      status: 'requested',
    }));
    expect(await list('')).toMatchObject([newest!, ...older]);
    expect(await list('?limit=1')).toMatchObject([newest!]);
    expect(await list('?limit=1')).toHaveLength(1);
  });
});

describe('a card', () => {
  const change = (operation: typeof cardBlock, cardId: string, claims: Record<string, unknown> = {}) =>
    byAnn(operation, {
      params: { cardId },
      token: world.token({ sub: 'support', client_id: 'support', scope: 'cards:block', ...claims }),
    });

  test('is blocked and unblocked by support, its holder sees it, and both are published', async () => {
    const { cardId } = await issue();
    sent.splice(0);
    const blocked = await change(cardBlock, cardId!);
    expect(blocked).toMatchObject({ status: 200, body: { cardId, blockedAt: expect.any(String) } });
    const { blockedAt } = blocked.body as { blockedAt: string };
    expect((await byAnn(cardGet, { params: { cardId: cardId! } })).body).toMatchObject({ blockedAt });
    expect((await change(cardBlock, cardId!)).body).toMatchObject({ blockedAt });

    expect((await change(cardUnblock, cardId!)).body).toEqual({ cardId });
    expect((await byAnn(cardGet, { params: { cardId: cardId! } })).body).not.toHaveProperty('blockedAt');
    expect(sent).toMatchObject(
      [true, true, false].map((isBlocked) => ({
        type: 'card.status_changed',
        data: { cardId, isBlocked },
      })),
    );
  });

  test('is not blocked by its holder or another operator, and an unknown one by nobody', async () => {
    const { cardId } = await issue();
    for (const scope of ['cards:read cards:write', 'ledger:read'])
      expect(await change(cardBlock, cardId!, { sub: ann, scope })).toMatchObject({ status: 403 });
    expect(await change(cardBlock, newId('crd'))).toMatchObject({
      status: 404,
      body: { code: 'resource.not_found' },
    });
  });
});
