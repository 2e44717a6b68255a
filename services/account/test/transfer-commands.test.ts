import { entryIn, listEntries } from '@tallystick/audit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  messages,
  newId,
  operations,
  paymentIdOf,
  refundIdOf,
  transferIdOf,
  transferIdOfOrder,
  type DataOf,
  type ErrorCode,
  type RequestEvidence,
} from '@tallystick/contracts';
import { newKey, requestEvidence } from '@tallystick/http/testing';
import { received } from '@tallystick/messaging/testing';
import type { OpenedMessage } from '@tallystick/security';

import {
  producerId,
  refusedWith,
  startAccountWorld,
  withoutAuthority,
  type AccountWorld,
  type OwnedAccount,
} from './account-world.ts';

type Create = DataOf<typeof messages.transferCreate>;
type Order = DataOf<typeof messages.paymentCreate>;

let world: AccountWorld;
let payer: OwnedAccount;
let payee: OwnedAccount;
beforeAll(async () => {
  world = await startAccountWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  [payer, payee] = [await world.open({ fundedMinor: 500n }), await world.open()];
});

const grantee = { kind: 'producer', id: producerId } as const;
const dataOf = ({ data }: OpenedMessage): Create => data as Create;
const fields = ['transferId', 'debitAccountId', 'amountMinor', 'paymentId'];

/** The facts of a transfer command for a payment from the payer to the payee. */
const movement = ({ paymentId = newId('pay'), ...changes }: Partial<Create> = {}) => ({
  transferId: transferIdOfOrder(paymentId),
  debitAccountId: payer.accountId,
  creditAccountId: payee.accountId,
  amountMinor: 100n,
  currency: 'EUR' as const,
  paymentId,
  refund: false,
  ...changes,
});

/** Builds the command with the order of a third party. */
async function ordered(
  changes: Partial<Create> = {},
  signed: Partial<Order> = {},
  key?: Awaited<ReturnType<typeof newKey>>,
): Promise<OpenedMessage> {
  const facts = movement(changes);
  const { paymentId, debitAccountId, creditAccountId, amountMinor, currency } = facts;
  const order: Order = {
    paymentId,
    source: { kind: 'account', accountId: debitAccountId },
    payee: { kind: 'account', accountId: creditAccountId },
    amountMinor,
    currency,
    capture: 'automatic',
    capturedBy: 'initiator',
    endToEndId: 'INVOICE-1',
    ...signed,
  };
  const evidence = changes.evidence ?? (await world.order(messages.paymentCreate, order, key));
  return received(messages.transferCreate, { ...facts, evidence });
}

let orders = 0;

/** Builds the command with a customer's own request to pay. */
async function requested(
  subject = payer.ownerId,
  signedMinor = 100n,
  endToEndId = `ORDER-${(orders += 1)}`,
  nowMs = Date.now(),
): Promise<OpenedMessage> {
  const sourceId = payer.accountId;
  const facts = movement({
    paymentId: paymentIdOf({ subject, sourceId, endToEndId }, Math.floor(nowMs / 1_000)),
  });
  const body = {
    source: { kind: 'account', accountId: facts.debitAccountId },
    payee: { kind: 'account', accountId: facts.creditAccountId },
    amountMinor: Number(signedMinor),
    currency: facts.currency,
    endToEndId,
  };
  const evidence = await requestEvidence(world, operations.createPayment, { subject, body, nowMs });
  return received(messages.transferCreate, { ...facts, evidence });
}

/** Builds the command to refund a payment, with the payee's own request. */
async function refunded(
  paymentId: string,
  amountMinor: bigint,
  signed: { subject?: string; paymentId?: string } = {},
): Promise<OpenedMessage> {
  const evidence = await requestEvidence(world, operations.refundPayment, {
    subject: signed.subject ?? payee.ownerId,
    params: { paymentId: signed.paymentId ?? paymentId },
    body: { amountMinor: Number(amountMinor) },
  });
  const [debitAccountId, creditAccountId] = [payee.accountId, payer.accountId];
  const transferId = transferIdOf(paymentId, refundIdOf(paymentId, { amountMinor }));
  const facts = movement({
    transferId,
    debitAccountId,
    creditAccountId,
    amountMinor,
    paymentId,
    refund: true,
  });
  return received(messages.transferCreate, { ...facts, evidence });
}

const balances = async (): Promise<bigint[]> => [
  (await world.balanceOf(payer)).posted,
  (await world.balanceOf(payee)).posted,
];

describe('a transfer that is carried out', () => {
  test('moves money by the order of a third party under a mandate of the owner', async () => {
    await world.allow(payer, grantee);
    const command = await ordered();
    const { sent, refused } = await world.run(command);
    expect(refused.size).toBe(0);
    const { evidence: _evidence, ...facts } = dataOf(command);
    expect(sent).toMatchObject([{ type: 'account.transfer.posted', data: facts, cause: command.claims.jti }]);
    expect(await balances()).toEqual([400n, 100n]);
  });

  test('moves money by the request of the owner without a mandate', async () => {
    const command = await requested();
    expect((await world.run(command)).sent).toMatchObject([{ type: 'account.transfer.posted' }]);
    expect(await balances()).toEqual([400n, 100n]);
  });

  test('moves money once for a repeated message or a repeated command', async () => {
    const command = await requested();
    const first = await world.run(command, command);
    expect(first.sent).toHaveLength(1);
    expect((await world.run(command)).sent).toEqual([]);
    const repeated = received(messages.transferCreate, dataOf(command));
    expect((await world.run(repeated)).sent).toEqual([
      { ...withoutAuthority(first.sent[0]!), cause: repeated.claims.jti },
    ]);
    expect(await balances()).toEqual([400n, 100n]);
  });

  test('moves money in the order of the batch until the balance is used up', async () => {
    await world.allow(payer, grantee);
    const commands = await Promise.all([300n, 300n, 200n].map((amountMinor) => ordered({ amountMinor })));
    const { refused } = await world.run(...commands);
    expect(refused).toEqual(new Map([[commands[1]!.claims.jti, 'ledger.insufficient_funds']]));
    expect(await balances()).toEqual([0n, 500n]);
  });
});

describe('a refused transfer', () => {
  test.each<[ErrorCode, string, () => Promise<OpenedMessage>]>([
    ['ledger.account_not_found', 'another customer signed the request', () => requested(newId('usr'))],
    ['evidence.mismatch', 'the owner signed another amount', () => requested(payer.ownerId, 99n)],
    ['mandate.missing', 'the third party has no mandate', () => ordered()],
    ['evidence.invalid', 'another key signed the order', async () => ordered({}, {}, await newKey())],
    [
      'mandate.limit_exceeded',
      'the mandate covers a smaller amount',
      async () => {
        await world.allow(payer, grantee, 99n);
        return ordered();
      },
    ],
    [
      'evidence.mismatch',
      'the order names another payee',
      () => ordered({}, { payee: { kind: 'account', accountId: newId('acc') } }),
    ],
    ['evidence.mismatch', 'the order requires a hold first', () => ordered({}, { capture: 'manual' })],
    ['mandate.missing', 'there is no such account', () => ordered({ debitAccountId: newId('acc') })],
    [
      'evidence.kind_refused',
      'the evidence is a card decision, which covers only holds',
      async () => {
        const { paymentId, debitAccountId, amountMinor, currency } = movement();
        const facts = { paymentId, debitAccountId, amountMinor, currency };
        const [authorizationId, cardId] = [newId('aut'), newId('crd')];
        const terms = { capture: 'automatic', capturedBy: 'payee' } as const;
        const decision = { ...facts, ...terms, authorizationId, cardId, payeeAccountId: payee.accountId };
        const { evidence: request } = dataOf(await requested());
        const evidence = await world.decision(decision, request as RequestEvidence);
        return ordered({ paymentId, evidence });
      },
    ],
  ])('is answered with %s if %s', async (code, _reason, commandOf) => {
    const command = await commandOf();
    const { sent, refused } = await world.run(command);
    expect(sent).toEqual([refusedWith('account.transfer.rejected', command, fields, code)]);
    expect(refused).toEqual(new Map([[command.claims.jti, code]]));
    expect(await balances()).toEqual([500n, 0n]);
  });

  test.each([2n ** 53n - 1n, 2n ** 53n - 100n, 2n ** 63n - 1n])(
    'is answered with ledger.balance_limit_exceeded if the payee has %i already, and the batch goes on',
    async (postedMinor) => {
      const full = await world.open();
      await world.pool.query('UPDATE account SET posted_minor = $2 WHERE account_id = $1', [
        full.accountId,
        postedMinor,
      ]);
      await world.allow(payer, grantee);
      const [toFull, toOther] = [
        await ordered({ creditAccountId: full.accountId }),
        await ordered({ creditAccountId: payee.accountId }),
      ];
      const { sent, refused } = await world.run(toFull, toOther);
      const code = 'ledger.balance_limit_exceeded';
      expect(refused).toEqual(new Map([[toFull.claims.jti, code]]));
      expect(sent).toEqual([
        refusedWith('account.transfer.rejected', toFull, fields, code),
        expect.objectContaining({ type: 'account.transfer.posted', cause: toOther.claims.jti }),
      ]);
      expect(await balances()).toEqual([400n, 100n]);
      expect((await world.balanceOf(full)).posted).toBe(postedMinor);
    },
  );

  test('is audited if it lacks authority, with the party that signed the order', async () => {
    const command = await ordered();
    await world.run(command);
    const [entry] = await listEntries(world.pool, {}, { before: undefined, limit: 1 });
    expect(entryIn(entry!.content)).toMatchObject({
      actor: producerId,
      action: 'account.transfer',
      object: dataOf(command).paymentId,
      outcome: 'mandate.missing',
    });
  });

  test('is answered with evidence.used if the same order, signed again, moved money before', async () => {
    const nowMs = Date.now();
    const first = await requested(payer.ownerId, 100n, 'INVOICE-1', nowMs - 2_000);
    await world.run(first);
    const second = await requested(payer.ownerId, 100n, 'INVOICE-1', nowMs);
    expect(dataOf(second).paymentId).not.toBe(dataOf(first).paymentId);
    expect((await world.run(second)).refused.get(second.claims.jti)).toBe('evidence.used');
    expect(await balances()).toEqual([400n, 100n]);
  });

  test('is answered with evidence.mismatch if its id does not follow from the order', async () => {
    await world.allow(payer, grantee);
    const first = await ordered();
    await world.run(first);
    const second = received(messages.transferCreate, { ...dataOf(first), transferId: newId('trf') });
    expect((await world.run(second)).refused.get(second.claims.jti)).toBe('evidence.mismatch');
    expect(await balances()).toEqual([400n, 100n]);
  });

  test('is answered with envelope.expired if it arrives late, and an earlier copy gets its first answer', async () => {
    const [late, taken] = [await requested(), await requested()];
    const { sent: before } = await world.run(taken);
    const { sent } = await world.runLate(late, taken);
    expect(sent).toEqual([
      refusedWith('account.transfer.rejected', late, fields, 'envelope.expired'),
      withoutAuthority(before[0]!),
    ]);
    expect(await balances()).toEqual([400n, 100n]);
  });
});

describe('a refund', () => {
  let paymentId: string;
  beforeEach(async () => {
    const command = await requested();
    await world.run(command);
    ({ paymentId } = dataOf(command));
  });

  test('is carried out by the request of the payee, in parts up to the whole amount', async () => {
    const [first, second, third] = [
      await refunded(paymentId, 60n),
      await refunded(paymentId, 40n),
      await refunded(paymentId, 1n),
    ];
    const { sent, refused } = await world.run(first, second, third);
    expect(sent.slice(0, 2)).toMatchObject([
      { type: 'account.transfer.posted', data: { refund: true, amountMinor: 60n, paymentId } },
      { type: 'account.transfer.posted', data: { refund: true, amountMinor: 40n, paymentId } },
    ]);
    expect(refused).toEqual(new Map([[third.claims.jti, 'refund.exceeds_payment']]));
    expect(await balances()).toEqual([500n, 0n]);
  });

  test.each<[ErrorCode, string, () => Promise<OpenedMessage>]>([
    [
      'ledger.account_not_found',
      'the payer requests it',
      () => refunded(paymentId, 1n, { subject: payer.ownerId }),
    ],
    [
      'evidence.mismatch',
      'the payee signed another payment',
      () => refunded(paymentId, 1n, { paymentId: newId('pay') }),
    ],
    ['refund.exceeds_payment', 'the payment moved nothing', () => refunded(newId('pay'), 1n)],
  ])('is refused with %s if %s', async (code, _reason, commandOf) => {
    const command = await commandOf();
    expect((await world.run(command)).refused.get(command.claims.jti)).toBe(code);
    expect(await balances()).toEqual([400n, 100n]);
  });
});
