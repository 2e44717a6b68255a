import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { holdIdOf, messages, newId, transferIdOfOrder, type DataOf } from '@tallystick/contracts';
import { received } from '@tallystick/messaging/testing';

import { producerId, startAccountWorld, type AccountWorld, type OwnedAccount } from './account-world.ts';

let world: AccountWorld;
let payer: OwnedAccount;
let payee: OwnedAccount;
beforeAll(async () => {
  world = await startAccountWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  [payer, payee] = [await world.open({ fundedMinor: 500n }), await world.open()];
  await world.allow(payer, { kind: 'producer', id: producerId });
});

const termsOf = (paymentId: string) => ({
  debitAccountId: payer.accountId,
  creditAccountId: payee.accountId,
  amountMinor: 100n,
  currency: 'EUR' as const,
  paymentId,
});
const orderOf = (paymentId: string, capture: 'automatic' | 'manual'): ReturnType<AccountWorld['order']> =>
  world.order(messages.paymentCreate, {
    paymentId,
    source: { kind: 'account', accountId: payer.accountId },
    payee: { kind: 'account', accountId: payee.accountId },
    amountMinor: 100n,
    currency: 'EUR',
    capture,
    capturedBy: 'initiator',
    endToEndId: newId('pay').slice(-30),
  });

describe('the status of a hold', () => {
  const holdOf = (paymentId: string) => ({ holdId: holdIdOf(paymentId), ...termsOf(paymentId) });
  const place = async (paymentId: string): Promise<void> => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const evidence = await orderOf(paymentId, 'manual');
    await world.run(received(messages.holdPlace, { ...holdOf(paymentId), expiresAt, evidence }));
  };
  const ask = (data: DataOf<typeof messages.holdRequestStatus>) =>
    world.run(received(messages.holdRequestStatus, data, { iss: 'payment' }));

  test('that was never placed is a refusal', async () => {
    const hold = holdOf(newId('pay'));
    expect((await ask(hold)).sent).toMatchObject([
      { type: 'account.hold.rejected', data: { ...hold, code: 'payment.timed_out' } },
    ]);
  });

  test('that was placed is told again, and nothing is held twice', async () => {
    const paymentId = newId('pay');
    await place(paymentId);
    expect((await ask(holdOf(paymentId))).sent).toMatchObject([
      { type: 'account.hold.placed', data: holdOf(paymentId) },
    ]);
    expect(await world.balanceOf(payer)).toEqual({ posted: 500n, pending: 100n });
  });

  test('of other terms is a refusal', async () => {
    const paymentId = newId('pay');
    await place(paymentId);
    expect((await ask({ ...holdOf(paymentId), amountMinor: 99n })).sent).toMatchObject([
      { type: 'account.hold.rejected' },
    ]);
  });

  test('is told also if the request for it arrives late', async () => {
    const request = received(messages.holdRequestStatus, holdOf(newId('pay')), { iss: 'payment' });
    expect((await world.runLate(request)).sent).toMatchObject([
      { type: 'account.hold.rejected', data: { code: 'payment.timed_out' } },
    ]);
  });
});

describe('the status of a transfer', () => {
  const transferOf = (paymentId: string) => ({
    transferId: transferIdOfOrder(paymentId),
    ...termsOf(paymentId),
    refund: false,
  });
  const ask = (data: DataOf<typeof messages.transferRequestStatus>) =>
    world.run(received(messages.transferRequestStatus, data, { iss: 'payment' }));

  test('that was never posted is a refusal', async () => {
    const transfer = transferOf(newId('pay'));
    const { transferId, paymentId } = transfer;
    expect((await ask(transfer)).sent).toMatchObject([
      { type: 'account.transfer.rejected', data: { transferId, paymentId, code: 'payment.timed_out' } },
    ]);
  });

  test('that was posted is told again, and no money moves twice', async () => {
    const paymentId = newId('pay');
    const evidence = await orderOf(paymentId, 'automatic');
    await world.run(received(messages.transferCreate, { ...transferOf(paymentId), evidence }));
    expect((await ask(transferOf(paymentId))).sent).toMatchObject([
      { type: 'account.transfer.posted', data: transferOf(paymentId) },
    ]);
    expect(await world.balanceOf(payer)).toEqual({ posted: 400n, pending: 0n });
  });
});
