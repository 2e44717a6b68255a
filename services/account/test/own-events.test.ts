import { describe, expect, test } from '@jest/globals';
import { firstJtiAt, messages, newId, type MessageDefinition } from '@tallystick/contracts';
import { received } from '@tallystick/messaging/testing';
import { CLOCK_SKEW_MAX_MS } from '@tallystick/postgres';
import type { OpenedMessage } from '@tallystick/security';

import type { FactAuthority } from '../src/domain/replay.ts';
import { endedFact, entryFact, orderMsOf, placedFact, postedFact } from '../src/messages/own-events.ts';

const batchMs = Date.UTC(2026, 10, 24, 12);
const batchTime = new Date(batchMs).toISOString();
/** The time of sealing by the clock of the replica, which is ahead of the batch. */
const sealedMs = batchMs + 900;

const hold = {
  holdId: newId('hld'),
  debitAccountId: newId('acc'),
  creditAccountId: newId('acc'),
  amountMinor: 100n,
  currency: 'EUR' as const,
  paymentId: newId('pay'),
  authorizationId: newId('aut'),
};
const { debitAccountId, creditAccountId, amountMinor, currency, paymentId, holdId, authorizationId } = hold;
const expiresAt = new Date(batchMs + 60_000).toISOString();

/** Builds a received event of the ledger. */
const eventOf = (definition: MessageDefinition, data: object): OpenedMessage<never> =>
  received(definition, data as never, {
    iss: 'account',
    jti: firstJtiAt(sealedMs),
  }) as OpenedMessage<never>;

const placed = (changes: object = {}) => eventOf(messages.holdPlaced, { ...hold, expiresAt, ...changes });
const ended = (changes: object = {}) =>
  eventOf(messages.holdEnded, {
    ...hold,
    how: 'posted',
    postedMinor: 60n,
    releasedMinor: 40n,
    ...changes,
  });
const transfer = { debitAccountId, creditAccountId, amountMinor, currency, paymentId, refund: false };
const posted = (changes: object = {}) =>
  eventOf(messages.transferPosted, { transferId: newId('trf'), ...transfer, ...changes });

describe("the facts in the ledger's own events", () => {
  test('contain the open hold with the time of its batch', () => {
    expect(placedFact(placed({ placedAt: batchTime }))).toEqual({
      kind: 'placed',
      decidedBy: { wish: undefined, counted: undefined },
      hold: {
        ...hold,
        capturer: undefined,
        postedMinor: 0n,
        status: 'open',
        expiresAtMs: batchMs + 60_000,
        placedAtMs: batchMs,
        endedAtMs: undefined,
      },
    });
  });

  test('contain how and when a hold ended', () => {
    expect(endedFact(ended({ endedAt: batchTime }))).toEqual({
      kind: 'ended',
      holdId,
      debitAccountId,
      how: 'posted',
      endedAtMs: batchMs,
    });
  });

  const legs = [
    { accountId: debitAccountId, amountMinor: -100n, currency, sequence: 7 },
    { accountId: creditAccountId, amountMinor: 100n, currency, sequence: 3 },
  ];
  const transferId = holdId.replace('hld', 'trf');
  const numbers = { debitSequence: 7, creditSequence: 3 };

  test.each([
    ['of its lines', numbers],
    ['of its legs, as in older events', { legs }],
  ])('contain a transfer as an entry of two legs with the numbers %s', (_which, numbered) => {
    const message = posted({ transferId, ...numbered, holdId, authorizationId });
    expect(postedFact(message)).toMatchObject({
      kind: 'posted',
      entry: { entryId: transferId, paymentId, holdId, authorizationId, legs },
    });
  });

  test('count against a mandate at the time of the batch, unless they state another', () => {
    const mandateId = newId('mdt');
    const countedAtMs = (changes: object): number | undefined =>
      (postedFact(posted({ postedAt: batchTime, mandateId, ...changes })) as { decidedBy: FactAuthority })
        .decidedBy.counted?.atMs;
    expect(countedAtMs({})).toBe(batchMs);
    expect(countedAtMs({ countedAt: new Date(batchMs - 1).toISOString() })).toBe(batchMs - 1);
  });

  test('contain every leg of an entry', () => {
    const legs = [
      { accountId: debitAccountId, amountMinor: -100n, currency, sequence: 1 },
      { accountId: creditAccountId, amountMinor: 97n, currency, sequence: 2 },
      { accountId: newId('acc'), amountMinor: 3n, currency, sequence: 3 },
    ];
    const entryId = newId('trf');
    const data = { entryId, debitAccountId, legs, refund: false, postedAt: batchTime };
    expect(entryFact(eventOf(messages.entryPosted, data))).toMatchObject({
      kind: 'posted',
      entry: { entryId, legs, postedAtMs: batchMs },
    });
  });
});

describe('events of the previous release, which have neither time nor legs', () => {
  test('get the time of their sealing, and lines without numbers', () => {
    expect(placedFact(placed())).toMatchObject({ hold: { placedAtMs: sealedMs } });
    expect(endedFact(ended())).toMatchObject({ endedAtMs: sealedMs });
    expect(postedFact(posted())).toMatchObject({
      entry: {
        postedAtMs: sealedMs,
        legs: [
          { accountId: debitAccountId, amountMinor: -100n, sequence: undefined },
          { accountId: creditAccountId, amountMinor: 100n, sequence: undefined },
        ],
      },
    });
  });

  test('of a hold are ordered as placed, posted and ended for any clock skew', () => {
    const apart = 2 * CLOCK_SKEW_MAX_MS;
    expect(orderMsOf(placed())).toBeLessThan(sealedMs - apart);
    expect(orderMsOf(posted())).toBeGreaterThan(sealedMs + apart);
    expect(orderMsOf(ended())).toBeGreaterThan(orderMsOf(posted()) + apart);
  });
});

describe('the order of events with the time of their batch', () => {
  test('is that time, even if the clock of the sealing replica differs', () => {
    for (const message of [
      placed({ placedAt: batchTime }),
      posted({ postedAt: batchTime }),
      ended({ endedAt: batchTime }),
    ])
      expect(orderMsOf(message)).toBe(batchMs);
  });
});
