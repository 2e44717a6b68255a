import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  authorizationIdOf,
  captureIdOf,
  holdIdOf,
  messages,
  newId,
  operations,
  paymentIdOf,
  transferIdOf,
  type DataOf,
  type ErrorCode,
} from '@tallystick/contracts';
import { newKey, requestEvidence } from '@tallystick/http/testing';
import { received } from '@tallystick/messaging/testing';
import type { OpenedMessage } from '@tallystick/security';

import {
  refusedWith,
  startAccountWorld,
  withoutAuthority,
  type AccountWorld,
  type OwnedAccount,
} from './account-world.ts';

type Place = DataOf<typeof messages.holdPlace>;
type Decision = DataOf<typeof messages.cardDecision>;

let world: AccountWorld;
let payer: OwnedAccount;
let payee: OwnedAccount;
let cardId: string;
beforeAll(async () => {
  world = await startAccountWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  [payer, payee] = [await world.open({ fundedMinor: 5_000n }), await world.open()];
  cardId = newId('crd');
  await world.allow(payer, { kind: 'card', id: cardId });
});

let orders = 0;

/** Builds a command for a hold, with the order of the card's holder and the decision of the card service. */
async function place(
  changes: Partial<Place> = {},
  decided: Partial<Decision> = {},
  key?: Awaited<ReturnType<typeof newKey>>,
  ordered: { subject?: string; body?: object } = {},
): Promise<OpenedMessage> {
  const movement = {
    debitAccountId: payer.accountId,
    creditAccountId: payee.accountId,
    amountMinor: 100n,
    currency: 'EUR' as const,
    ...changes,
  };
  const { debitAccountId, creditAccountId, amountMinor, currency } = movement;
  const { subject = payer.ownerId } = ordered;
  const endToEndId = `ORDER-${(orders += 1)}`;
  const body = {
    source: { kind: 'card', cardId },
    payee: { kind: 'account', accountId: creditAccountId },
    amountMinor: Number(amountMinor),
    currency,
    capture: 'manual',
    capturedBy: 'payee',
    endToEndId,
    ...ordered.body,
  };
  const nowMs = Date.now();
  const request = await requestEvidence(world, operations.createPayment, { subject, body, nowMs });
  const paymentId = paymentIdOf({ subject, sourceId: cardId, endToEndId }, Math.floor(nowMs / 1_000));
  const authorizationId = authorizationIdOf(paymentId);
  const decision: Decision = {
    authorizationId,
    paymentId,
    debitAccountId,
    amountMinor,
    currency,
    cardId,
    payeeAccountId: creditAccountId,
    capture: 'manual',
    capturedBy: 'payee',
    ...decided,
  };
  const command: Place = {
    holdId: holdIdOf(paymentId),
    ...movement,
    paymentId,
    authorizationId,
    expiresAt: new Date(nowMs + 60_000).toISOString(),
    evidence: await world.decision(decision, request, key),
    ...changes,
  };
  return received(messages.holdPlace, command, { iss: 'card' });
}

const dataOf = ({ data }: OpenedMessage): Place => data as Place;
const holdFields = [
  'holdId',
  'debitAccountId',
  'creditAccountId',
  'amountMinor',
  'currency',
  'paymentId',
  'authorizationId',
];

/** Places a hold. @returns the facts to post or void it */
async function placed(): Promise<{ holdId: string; debitAccountId: string; paymentId: string }> {
  const command = await place();
  await world.run(command);
  const { holdId, debitAccountId, paymentId } = dataOf(command);
  return { holdId, debitAccountId, paymentId };
}

describe('a hold for a payment by card', () => {
  test('is placed by the decision of the card service under the mandate of the card', async () => {
    const command = await place();
    const { evidence: _evidence, ...facts } = dataOf(command);
    const { sent, refused } = await world.run(command);
    expect(refused.size).toBe(0);
    const [mandateId, wish] = [expect.any(String), expect.any(String)];
    const placedAt = expect.any(String);
    const data = expect.objectContaining({
      ...facts,
      placedAt,
      capturer: { kind: 'payee' },
      mandateId,
      wish,
    });
    expect(sent).toEqual([{ type: 'account.hold.placed', data, cause: command.claims.jti }]);
    expect(await world.balanceOf(payer)).toEqual({ posted: 5_000n, pending: 100n });
  });

  test.each<[ErrorCode, string, () => Promise<OpenedMessage>]>([
    ['evidence.mismatch', 'another amount was decided', () => place({}, { amountMinor: 99n })],
    ['evidence.mismatch', 'another payee was decided', () => place({}, { payeeAccountId: newId('acc') })],
    ['evidence.mismatch', 'another payment was decided', () => place({}, { paymentId: newId('pay') })],
    ['evidence.invalid', 'another key signed the decision', async () => place({}, {}, await newKey())],
    [
      'mandate.missing',
      'the card has no mandate',
      () => {
        cardId = newId('crd');
        return place();
      },
    ],
    ['mandate.limit_exceeded', 'the mandate does not cover it', () => place({ amountMinor: 1_001n })],
    ['mandate.missing', 'the mandate has another currency', () => place({ currency: 'USD' })],
    [
      'evidence.mismatch',
      'the holder ordered another amount',
      () => place({}, {}, undefined, { body: { amountMinor: 99 } }),
    ],
    [
      'evidence.mismatch',
      'the holder ordered a capture at once',
      () => place({}, {}, undefined, { body: { capture: 'automatic' } }),
    ],
    [
      'evidence.not_owner',
      'somebody else ordered it',
      () => place({}, {}, undefined, { subject: newId('usr') }),
    ],
    ['ledger.account_not_found', 'there is no such payee', () => place({ creditAccountId: newId('acc') })],
    [
      'ledger.same_account',
      'payer and payee are the same account',
      () => place({ creditAccountId: payer.accountId }),
    ],
  ])('is refused with %s if %s', async (code, _reason, commandOf) => {
    const command = await commandOf();
    const { sent, refused } = await world.run(command);
    expect(sent).toEqual([refusedWith('account.hold.rejected', command, holdFields, code)]);
    expect(refused).toEqual(new Map([[command.claims.jti, code]]));
    expect(await world.balanceOf(payer)).toEqual({ posted: 5_000n, pending: 0n });
  });

  test('is refused with ledger.insufficient_funds if other holds reserve the money', async () => {
    const poor = await world.open({ fundedMinor: 150n, ownerId: payer.ownerId });
    await world.allow(poor, { kind: 'card', id: cardId });
    const [first, second] = [
      await place({ debitAccountId: poor.accountId }),
      await place({ debitAccountId: poor.accountId }),
    ];
    const { refused } = await world.run(first, second);
    expect(refused).toEqual(new Map([[second.claims.jti, 'ledger.insufficient_funds']]));
    expect(await world.balanceOf(poor)).toEqual({ posted: 150n, pending: 100n });
  });

  test('is placed once for each order, even under another id', async () => {
    const command = await place();
    await world.run(command);
    const again = received(messages.holdPlace, { ...dataOf(command), holdId: newId('hld') });
    expect((await world.run(again)).refused.get(again.claims.jti)).toBe('evidence.mismatch');
    expect(await world.balanceOf(payer)).toMatchObject({ pending: 100n });
  });

  test('is placed once for a repeated message, and answered again under another message id', async () => {
    const command = await place();
    const first = await world.run(command, command);
    expect(first.sent).toHaveLength(1);
    expect((await world.run(command)).sent).toEqual([]);
    const repeated = received(messages.holdPlace, dataOf(command));
    expect((await world.run(repeated)).sent).toEqual([
      { ...withoutAuthority(first.sent[0]!), cause: repeated.claims.jti },
    ]);
    expect(await world.balanceOf(payer)).toMatchObject({ pending: 100n });
  });

  test('is refused with envelope.expired if it arrives late, unless an earlier copy was carried out', async () => {
    const [late, taken] = [await place(), await place()];
    const { sent: before } = await world.run(taken);
    const { sent } = await world.runLate(late, taken);
    expect(sent).toEqual([
      refusedWith('account.hold.rejected', late, holdFields, 'envelope.expired'),
      withoutAuthority(before[0]!),
    ]);
    expect(await world.balanceOf(payer)).toMatchObject({ pending: 100n });
  });
});

describe('a held amount', () => {
  type Placed = Awaited<ReturnType<typeof placed>>;
  type Post = DataOf<typeof messages.holdPost>;
  /** Builds a command to post a hold, with the capture that its payee signed. */
  const post = async (
    hold: Placed,
    amountMinor: bigint,
    { final = false, subject = payee.ownerId, ...changes }: Partial<Post> & { subject?: string } = {},
  ): Promise<OpenedMessage> => {
    const { paymentId } = hold;
    const evidence = await requestEvidence(world, operations.capturePayment, {
      subject,
      params: { paymentId },
      body: { amountMinor: Number(amountMinor), final },
    });
    const captureId = captureIdOf(paymentId, { amountMinor, final });
    const transferId = transferIdOf(paymentId, captureId);
    return received(messages.holdPost, { ...hold, transferId, amountMinor, final, evidence, ...changes });
  };
  const release = async (hold: Placed, subject = payee.ownerId): Promise<OpenedMessage> => {
    const { paymentId } = hold;
    const evidence = await requestEvidence(world, operations.cancelPayment, {
      subject,
      params: { paymentId },
      body: {},
    });
    return received(messages.holdVoid, { ...hold, evidence });
  };
  const balances = async (): Promise<bigint[]> => {
    const [from, to] = [await world.balanceOf(payer), await world.balanceOf(payee)];
    return [from.posted, from.pending, to.posted];
  };

  test('is posted to the payee in parts, and the last part ends the hold', async () => {
    const hold = await placed();
    const { sent: first } = await world.run(await post(hold, 60n));
    expect(first).toMatchObject([
      { type: 'account.transfer.posted', data: { amountMinor: 60n, holdId: hold.holdId, refund: false } },
    ]);
    expect(await balances()).toEqual([4_940n, 40n, 60n]);
    const { sent: last } = await world.run(await post(hold, 40n));
    expect(last).toMatchObject([
      { type: 'account.transfer.posted', data: { amountMinor: 40n } },
      { type: 'account.hold.ended', data: { how: 'posted', postedMinor: 100n, releasedMinor: 0n } },
    ]);
    expect(await balances()).toEqual([4_900n, 0n, 100n]);
  });

  test('is released by a final part, except for that part', async () => {
    const hold = await placed();
    const { sent } = await world.run(await post(hold, 60n, { final: true }));
    expect(sent.at(-1)).toMatchObject({
      type: 'account.hold.ended',
      data: { how: 'posted', postedMinor: 60n, releasedMinor: 40n },
    });
    expect(await balances()).toEqual([4_940n, 0n, 60n]);
  });

  test('is released if the hold is voided, once', async () => {
    const hold = await placed();
    const command = await release(hold);
    const { sent } = await world.run(command, command);
    expect(sent).toMatchObject([
      { type: 'account.hold.ended', data: { how: 'voided', postedMinor: 0n, releasedMinor: 100n } },
    ]);
    expect(await balances()).toEqual([5_000n, 0n, 0n]);
    const repeated = await release(hold);
    expect((await world.run(repeated)).sent).toEqual([{ ...sent[0], cause: repeated.claims.jti }]);
  });

  test.each<[ErrorCode, string, () => Promise<OpenedMessage>]>([
    ['ledger.hold_exceeded', 'the posting exceeds it', async () => post(await placed(), 101n)],
    [
      'ledger.hold_not_found',
      'there is no such hold',
      async () => post({ ...(await placed()), holdId: newId('hld') }, 1n),
    ],
    [
      'ledger.hold_not_found',
      "the hold is on another's account",
      async () => post({ ...(await placed()), debitAccountId: payee.accountId }, 1n),
    ],
    [
      'evidence.not_owner',
      'the payer captures it, and the payee is the capturer',
      async () => post(await placed(), 1n, { subject: payer.ownerId }),
    ],
    ['evidence.invalid', 'nobody signed it', async () => post(await placed(), 1n, { evidence: undefined })],
    [
      'evidence.mismatch',
      'it names another payment',
      async () => post(await placed(), 1n, { paymentId: newId('pay') }),
    ],
    [
      'ledger.hold_ended',
      'it was released',
      async () => {
        const hold = await placed();
        await world.run(await release(hold));
        return post(hold, 1n);
      },
    ],
  ])('is refused with %s if %s', async (code, _reason, commandOf) => {
    const command = await commandOf();
    const { sent } = await world.run(command);
    const fields = ['transferId', 'debitAccountId', 'amountMinor', 'paymentId', 'holdId'];
    expect(sent).toEqual([refusedWith('account.transfer.rejected', command, fields, code)]);
    expect((await world.balanceOf(payee)).posted).toBe(0n);
  });

  test('is not released by the payer if the payee captures, nor without a signature', async () => {
    const hold = await placed();
    const [byPayer, byNobody] = [await release(hold, payer.ownerId), received(messages.holdVoid, hold)];
    const { refused } = await world.run(byPayer, byNobody);
    expect(refused).toEqual(
      new Map([
        [byPayer.claims.jti, 'evidence.not_owner'],
        [byNobody.claims.jti, 'evidence.invalid'],
      ]),
    );
    expect(await balances()).toEqual([5_000n, 100n, 0n]);
  });

  test('is held for seven days at most, whatever the command asks for', async () => {
    const command = await place({ expiresAt: '2126-01-01T00:00:00.000Z' });
    await world.run(command);
    const { rows } = await world.pool.query<{ days: number }>(
      'SELECT extract(epoch FROM expires_at - placed_at)::float / 86400 AS days FROM hold WHERE hold_id = $1',
      [dataOf(command).holdId],
    );
    expect(rows).toEqual([{ days: 7 }]);
  });

  test('is not released, with ledger.hold_ended, if it was posted to the payee', async () => {
    const hold = await placed();
    await world.run(await post(hold, 100n));
    const command = await release(hold);
    const { sent } = await world.run(command);
    const fields = ['holdId', 'debitAccountId', 'paymentId'];
    expect(sent).toEqual([refusedWith('account.hold.void_rejected', command, fields, 'ledger.hold_ended')]);
  });
});
