import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { holdIdOf, messages, ORDER_LIFETIME_S } from '@tallystick/contracts';
import { deliver, received, type SentMessage } from '@tallystick/messaging/testing';

import { startCardWorld, type AuthorizeCommand, type CardWorld, type IssuedCard } from './card-world.ts';

let world: CardWorld;
let card: IssuedCard;
let asked: AuthorizeCommand;
beforeAll(async () => {
  world = await startCardWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  card = await world.issue();
  asked = await world.authorize(card);
});

const authorize = (): Promise<unknown> =>
  deliver(world.pool, world.commands(), [received(messages.cardAuthorize, asked)]);
const facts = (): Omit<AuthorizeCommand, 'evidence'> => {
  const { evidence: _evidence, ...rest } = asked;
  return rest;
};
const holdFacts = () => {
  const { paymentId, authorizationId, payeeAccountId: creditAccountId, amountMinor, currency } = asked;
  const holdId = holdIdOf(paymentId);
  return {
    holdId,
    debitAccountId: card.accountId,
    creditAccountId,
    amountMinor,
    currency,
    paymentId,
    authorizationId,
  };
};
const ask = async (afterMs = 0): Promise<SentMessage[]> =>
  (
    await deliver(
      world.pool,
      world.commands(() => Date.now() + afterMs),
      [received(messages.authorizationRequestStatus, facts(), { iss: 'payment' })],
    )
  ).sent;

describe('the status of an authorization', () => {
  test('that was never decided is a decline', async () => {
    expect(await ask()).toMatchObject([
      {
        type: 'card.authorization.declined',
        data: { ...facts(), code: 'payment.timed_out', responseCode: '68' },
      },
    ]);
  });

  test('that was approved is told again', async () => {
    await authorize();
    const expiresAt = new Date().toISOString();
    await deliver(world.pool, world.events, [received(messages.holdPlaced, { ...holdFacts(), expiresAt })]);
    expect(await ask()).toMatchObject([{ type: 'card.authorization.approved', data: facts() }]);
  });

  test('that waits for its hold asks the ledger, once the hold can no longer be placed', async () => {
    await authorize();
    expect(await ask()).toEqual([]);
    expect(await ask((ORDER_LIFETIME_S + 61) * 1_000)).toMatchObject([
      { type: 'account.hold.request_status', data: holdFacts() },
    ]);
    const rejected = received(messages.holdRejected, { ...holdFacts(), code: 'payment.timed_out' });
    expect((await deliver(world.pool, world.events, [rejected])).sent).toMatchObject([
      { type: 'card.authorization.declined', data: { ...facts(), code: 'payment.timed_out' } },
    ]);
    expect(Object.values(await world.spentBy(card))).toEqual([0n, 0n]);
  });
});
