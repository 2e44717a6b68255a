import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { holdIdOf, messages, newId, operations, periodsOf } from '@tallystick/contracts';
import { newKey, requestEvidence } from '@tallystick/http/testing';
import { deliver, received } from '@tallystick/messaging/testing';
import { transaction } from '@tallystick/postgres';
import { seal, type OpenedMessage } from '@tallystick/security';

import { replay } from '../src/messages/replay.ts';
import { decisionTopic, startCardWorld, type CardWorld, type IssuedCard } from './card-world.ts';

let world: CardWorld;
let card: IssuedCard;
beforeAll(async () => {
  world = await startCardWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  card = await world.issue();
});

const DAY_MS = 86_400_000;
/** The time at which the decisions were published. */
const decidedAtMs = Math.floor(Date.now() / 1_000) * 1_000;
const claims = { iss: 'card', iat: decidedAtMs / 1_000 };

const newRequest = () => ({
  authorizationId: newId('aut'),
  cardId: card.cardId,
  paymentId: newId('pay'),
  payeeAccountId: newId('acc'),
  amountMinor: 100n,
  currency: 'EUR' as const,
});
type Request = ReturnType<typeof newRequest>;
const terms = { capture: 'automatic', capturedBy: 'payee' } as const;

const declined = (request: Request): OpenedMessage =>
  received(
    messages.authorizationDeclined,
    { ...request, code: 'card.limit_exceeded', responseCode: '61' },
    claims,
  );

/** Builds the command for the hold of an approved payment, with this evidence or the service's own decision. */
async function holdCommand(request: Request, envelope?: string): Promise<OpenedMessage> {
  const { authorizationId, paymentId, payeeAccountId, amountMinor, currency } = request;
  const decision = { ...request, ...terms, debitAccountId: card.accountId };
  const signed = await requestEvidence(world, operations.createPayment, { subject: card.ownerId, body: {} });
  return received(
    messages.holdPlace,
    {
      holdId: holdIdOf(paymentId),
      debitAccountId: card.accountId,
      creditAccountId: payeeAccountId,
      amountMinor,
      currency,
      paymentId,
      authorizationId,
      expiresAt: new Date().toISOString(),
      evidence: {
        kind: 'decision',
        envelope: envelope ?? (await world.signDecision(decision)),
        request: signed,
      },
    },
    claims,
  );
}

const replayOwn = (...own: OpenedMessage[]): Promise<void> =>
  transaction(world.pool, (tx) => replay({ keyring: world.keyring }).apply(own, tx));

describe('a card service whose database was restored to an earlier point', () => {
  test('restores its approved payments as requested, with their spending', async () => {
    const request = newRequest();
    await replayOwn(await holdCommand(request));
    expect(await world.authorizationsOf(card)).toEqual([
      {
        ...request,
        debitAccountId: card.accountId,
        holdId: holdIdOf(request.paymentId),
        clearedMinor: 0n,
        status: 'requested',
        code: undefined,
        requestedAtMs: decidedAtMs,
      },
    ]);
    const { day, month } = periodsOf(decidedAtMs);
    expect(await world.spentBy(card)).toEqual({ [day]: 100n, [month]: 100n });
  });

  test('counts a payment again in the day of its decision, also if it was sealed on the next day', async () => {
    const midnightMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    for (const [beforeMs, afterMs] of [
      [1, 0],
      [1_500, 700],
      [0, 999],
    ] as const) {
      card = await world.issue();
      const [decidedMs, sealedMs] = [midnightMs - beforeMs, midnightMs + afterMs];
      const commands = world.commands(
        () => decidedMs,
        () => sealedMs,
      );
      const asked = received(messages.cardAuthorize, await world.authorize(card));
      const { sent } = await deliver(world.pool, commands, [asked]);
      const { data } = sent.find(({ type }) => type === messages.holdPlace.type)!;
      const [spent, authorizations] = [await world.spentBy(card), await world.authorizationsOf(card)];
      expect(spent[periodsOf(decidedMs).day]).toBe(100n);

      await world.pool.query('DELETE FROM card_authorization WHERE card_id = $1', [card.cardId]);
      await world.pool.query('DELETE FROM card_usage WHERE card_id = $1', [card.cardId]);
      const iat = Math.floor(sealedMs / 1_000);
      await replayOwn(received(messages.holdPlace, data as never, { iss: 'card', iat }));
      expect(await world.spentBy(card)).toEqual(spent);
      expect(await world.authorizationsOf(card)).toEqual(authorizations);
    }
  });

  test('restores its declined payments with the reason, without spending', async () => {
    const request = newRequest();
    await replayOwn(declined(request));
    expect(await world.authorizationsOf(card)).toMatchObject([
      { ...request, status: 'declined', code: 'card.limit_exceeded', requestedAtMs: decidedAtMs },
    ]);
    expect(await world.spentBy(card)).toEqual({});
  });

  test('counts a decision once if it is replayed repeatedly', async () => {
    const own = [await holdCommand(newRequest()), declined(newRequest())];
    await replayOwn(...own, ...own);
    await replayOwn(...own);
    expect(await world.authorizationsOf(card)).toHaveLength(2);
    expect(Object.values(await world.spentBy(card))).toEqual([100n, 100n]);
  });

  test('ignores an approval that its key did not sign', async () => {
    const request = newRequest();
    const { value } = await seal(
      messages.cardDecision,
      { ...request, ...terms, debitAccountId: card.accountId },
      { issuer: 'card', signingKey: await newKey(), topic: decisionTopic, nowMs: decidedAtMs },
    );
    await replayOwn(await holdCommand(request, value));
    expect(await world.authorizationsOf(card)).toEqual([]);
  });

  test('skips payments by cards that were lost with the database', async () => {
    const lost = { ...newRequest(), cardId: newId('crd') };
    await replayOwn(declined(lost), declined(newRequest()));
    expect(await world.authorizationsOf(card)).toHaveLength(1);
    const { rows } = await world.pool.query('SELECT 1 FROM card_authorization WHERE card_id = $1', [
      lost.cardId,
    ]);
    expect(rows).toEqual([]);
  });
});

test('a replay blocks the cards whose last change was a block', async () => {
  const other = await world.issue();
  const changed = (cardId: string, isBlocked: boolean): OpenedMessage =>
    received(
      messages.cardStatusChanged,
      { cardId, isBlocked, changedAt: new Date(decidedAtMs).toISOString() },
      claims,
    );
  const own = [
    changed(card.cardId, false),
    changed(card.cardId, true),
    changed(other.cardId, true),
    changed(other.cardId, false),
  ];
  const { keyring } = world;
  await transaction(world.pool, (tx) => replay({ keyring, topicPrefix: '' }).apply(own, tx));
  const { rows } = await world.pool.query<{ card_id: string }>(
    'SELECT card_id FROM card WHERE card_id = ANY($1) AND blocked_at IS NOT NULL',
    [[card.cardId, other.cardId]],
  );
  expect(rows).toEqual([{ card_id: card.cardId }]);
});
