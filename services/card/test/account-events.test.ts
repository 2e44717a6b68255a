import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { holdIdOf, messages, newId, type Unrecognized } from '@tallystick/contracts';
import { deliver, received, type Delivered } from '@tallystick/messaging/testing';
import type { OpenedMessage } from '@tallystick/security';

import { startCardWorld, type AuthorizeCommand, type CardWorld, type IssuedCard } from './card-world.ts';

const { holdPlaced, holdRejected, holdEnded, mandateGranted, mandateRejected } = messages;

let world: CardWorld;
let card: IssuedCard;
/** The authorization request; its hold was requested from the ledger. */
let asked: AuthorizeCommand;
beforeAll(async () => {
  world = await startCardWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  card = await world.issue();
  asked = await world.authorize(card);
  await deliver(world.pool, world.commands(), [received(messages.cardAuthorize, asked)]);
});

const deliverEvents = (...events: OpenedMessage[]): Promise<Delivered> =>
  deliver(world.pool, world.events, events);

/** The facts of the requested hold in the ledger's events. */
const holdFacts = () => ({
  holdId: holdIdOf(asked.paymentId),
  debitAccountId: card.accountId,
  creditAccountId: asked.payeeAccountId,
  amountMinor: asked.amountMinor,
  currency: 'EUR' as const,
  paymentId: asked.paymentId,
  authorizationId: asked.authorizationId,
});
const expiresAt = new Date().toISOString();
const placed = (): OpenedMessage => received(holdPlaced, { ...holdFacts(), expiresAt });
const rejected = (code = 'ledger.insufficient_funds' as const): OpenedMessage =>
  received(holdRejected, { ...holdFacts(), code });
const ended = (postedMinor: bigint): OpenedMessage =>
  received(holdEnded, {
    ...holdFacts(),
    how: postedMinor > 0n ? 'posted' : 'voided',
    postedMinor,
    releasedMinor: asked.amountMinor - postedMinor,
  });

/** The facts that all answers to a card payment share. */
const facts = () => {
  const { evidence: _evidence, ...rest } = asked;
  return rest;
};
const kept = async () => (await world.authorizationsOf(card))[0];

describe('an authorization', () => {
  test('is approved when the ledger holds its amount', async () => {
    const event = placed();
    expect((await deliverEvents(event)).sent).toEqual([
      {
        type: 'card.authorization.approved',
        data: { ...facts(), holdId: holdFacts().holdId, debitAccountId: card.accountId },
        cause: event.claims.jti,
      },
    ]);
    expect(await kept()).toMatchObject({ status: 'approved', clearedMinor: 0n });
  });

  test('is declined and releases its spending if the ledger refuses the hold', async () => {
    expect(Object.values(await world.spentBy(card))).toEqual([100n, 100n]);
    const { sent } = await deliverEvents(rejected());
    expect(sent).toMatchObject([
      {
        type: 'card.authorization.declined',
        data: { ...facts(), code: 'ledger.insufficient_funds', responseCode: '51' },
      },
    ]);
    expect(await kept()).toMatchObject({ status: 'declined', code: 'ledger.insufficient_funds' });
    expect(Object.values(await world.spentBy(card))).toEqual([0n, 0n]);
  });

  test.each([
    ['cleared', 60n],
    ['reversed', 0n],
  ])('ends with its hold: %s', async (_name, clearedMinor) => {
    await deliverEvents(placed());
    const { authorizationId, paymentId } = asked;
    expect((await deliverEvents(ended(clearedMinor))).sent).toMatchObject([
      {
        type: 'card.authorization.ended',
        data: { authorizationId, cardId: card.cardId, paymentId, clearedMinor },
      },
    ]);
    expect(await kept()).toMatchObject({ status: 'ended', clearedMinor });
  });

  test.each([
    ['was collected in full', 100n],
    ['was collected in part', 60n],
    ['was released', 0n],
  ])('counts against the limits what %s', async (_name, clearedMinor) => {
    await deliverEvents(placed());
    expect(Object.values(await world.spentBy(card))).toEqual([100n, 100n]);
    await deliverEvents(ended(clearedMinor));
    await deliverEvents(ended(clearedMinor));
    expect(Object.values(await world.spentBy(card))).toEqual([clearedMinor, clearedMinor]);
  });

  test('gives its amount back to the day and the month in which it was counted', async () => {
    await deliverEvents(placed());
    const count = { day: '2026-01-31', month: '2026-01' };
    await world.pool.query(
      `UPDATE card_authorization SET requested_at = '2026-01-31T23:59:59.999Z' WHERE card_id = $1`,
      [card.cardId],
    );
    await world.pool.query(
      `INSERT INTO card_usage (card_id, period, used_minor) VALUES ($1, $2, 150), ($1, $3, 170)`,
      [card.cardId, count.day, count.month],
    );
    const today = await world.spentBy(card);
    await deliverEvents(ended(60n));
    expect(await world.spentBy(card)).toEqual({ ...today, [count.day]: 110n, [count.month]: 130n });
  });

  test('is approved and ended if the end of its hold arrives first', async () => {
    const { sent } = await deliverEvents(ended(100n), placed());
    expect(sent.map(({ type }) => type)).toEqual(['card.authorization.approved', 'card.authorization.ended']);
    expect(await kept()).toMatchObject({ status: 'ended', clearedMinor: 100n });
  });

  test('publishes an outcome once for a repeated event, even under another message id', async () => {
    const event = placed();
    expect((await deliverEvents(event, event, placed())).sent).toHaveLength(1);
    expect((await deliverEvents(event, placed())).sent).toEqual([]);
    await deliverEvents(ended(100n));
    expect((await deliverEvents(rejected(), ended(100n))).sent).toEqual([]);
    expect(await kept()).toMatchObject({ status: 'ended' });
  });

  test('changes nothing if it is unknown, as for a payment from an account', async () => {
    const { authorizationId: _authorizationId, ...ofAccount } = holdFacts();
    const unknown = { ...holdFacts(), authorizationId: newId('aut') };
    const { sent } = await deliverEvents(
      received(holdPlaced, { ...ofAccount, expiresAt }),
      received(holdPlaced, { ...unknown, expiresAt }),
    );
    expect(sent).toEqual([]);
    expect(await kept()).toMatchObject({ status: 'requested' });
  });
});

describe('an ordered card', () => {
  const granteeOf = ({ cardId }: IssuedCard) => ({ kind: 'card' as const, id: cardId });
  const limits = { perPaymentMinor: 1_000n, perDayMinor: 1_000n, perMonthMinor: 1_000n };
  const granted = (issued: IssuedCard): OpenedMessage => {
    const { mandateId, accountId } = issued;
    const data = { mandateId, accountId, grantee: granteeOf(issued), currency: 'EUR' as const, limits };
    return received(mandateGranted, data);
  };
  const refused = (issued: IssuedCard, code: 'ledger.account_not_found' | Unrecognized): OpenedMessage => {
    const { mandateId, accountId } = issued;
    return received(mandateRejected, { mandateId, accountId, grantee: granteeOf(issued), code } as never);
  };
  const statusOf = async ({ cardId }: IssuedCard) =>
    (await world.pool.query('SELECT status, code FROM card WHERE card_id = $1', [cardId])).rows;

  test('becomes active once when its mandate is granted', async () => {
    const issued = await world.issue({ isActive: false });
    expect(await statusOf(issued)).toEqual([{ status: 'issued', code: null }]);
    const event = granted(issued);
    expect((await deliverEvents(event)).sent).toEqual([
      { type: 'card.activated', data: { cardId: issued.cardId }, cause: event.claims.jti },
    ]);
    expect(await statusOf(issued)).toEqual([{ status: 'active', code: null }]);
    expect((await deliverEvents(event, granted(issued))).sent).toEqual([]);
  });

  test('is refused with the reason if its mandate is refused', async () => {
    const issued = await world.issue({ isActive: false });
    const { sent } = await deliverEvents(refused(issued, 'ledger.account_not_found'));
    const data = { cardId: issued.cardId, code: 'ledger.account_not_found' };
    expect(sent).toMatchObject([{ type: 'card.issue_failed', data }]);
    expect(await statusOf(issued)).toEqual([{ status: 'refused', code: 'ledger.account_not_found' }]);
  });

  test('stays active if a refusal arrives after its mandate', async () => {
    expect((await deliverEvents(refused(card, 'ledger.account_not_found'))).sent).toEqual([]);
    expect(await statusOf(card)).toEqual([{ status: 'active', code: null }]);
  });

  test('does not change when the mandate of another card is granted', async () => {
    const issued = await world.issue({ isActive: false });
    expect((await deliverEvents(granted({ ...issued, mandateId: newId('mdt') }))).sent).toEqual([]);
    expect(await statusOf(issued)).toEqual([{ status: 'issued', code: null }]);
  });
});
