import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { holdIdOf, messages, newId, transferIdOf } from '@tallystick/contracts';
import { noteSent, received, type SentMessage } from '@tallystick/messaging/testing';
import { transaction } from '@tallystick/postgres';

import { expireHolds } from '../src/app/expire-holds.ts';
import { findExpiredHolds } from '../src/store/accounts.ts';
import { ledgerStore } from '../src/store/ledger-store.ts';
import { producerId, startAccountWorld, type AccountWorld, type OwnedAccount } from './account-world.ts';

const HOUR_MS = 3_600_000;

let world: AccountWorld;
let payer: OwnedAccount;
beforeAll(async () => {
  world = await startAccountWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.pool.query("UPDATE hold SET status = 'voided' WHERE status = 'open'");
  payer = await world.open({ fundedMinor: 500n });
  await world.allow(payer, { kind: 'producer', id: producerId });
});

/** Places a hold of 100 that expires at this time, as a third party orders it. @returns its id */
async function hold(expiresAtMs: number): Promise<string> {
  const paymentId = newId('pay');
  const facts = { amountMinor: 100n, currency: 'EUR' as const, paymentId };
  const { accountId: creditAccountId } = await world.open();
  const evidence = await world.order(messages.paymentCreate, {
    ...facts,
    source: { kind: 'account', accountId: payer.accountId },
    payee: { kind: 'account', accountId: creditAccountId },
    capture: 'manual',
    capturedBy: 'initiator',
    endToEndId: 'INVOICE-1',
  });
  const holdId = holdIdOf(paymentId);
  const expiresAt = new Date(expiresAtMs).toISOString();
  const accounts = { debitAccountId: payer.accountId, creditAccountId };
  await world.run(received(messages.holdPlace, { ...facts, ...accounts, holdId, expiresAt, evidence }));
  payments.set(holdId, paymentId);
  return holdId;
}

/** The payments of the holds. */
const payments = new Map<string, string>();

/** Ends the holds that have expired at this time. */
async function expire(nowMs: number): Promise<SentMessage[]> {
  const sent: SentMessage[] = [];
  const expiry = {
    findExpired: (atMs: number, limit: number) => findExpiredHolds(world.pool, new Date(atMs), limit),
    transact: (work: Parameters<Parameters<typeof expireHolds>[0]['transact']>[0]) =>
      transaction(world.pool, (tx) => work(ledgerStore(tx), noteSent(sent))),
  };
  await expireHolds(expiry, nowMs);
  return sent;
}

describe('an expired hold', () => {
  test('is ended, releases its amount and is published', async () => {
    const atMs = Date.now();
    const [first, later] = [await hold(atMs + HOUR_MS), await hold(atMs + 2 * HOUR_MS)];
    expect(await world.balanceOf(payer)).toMatchObject({ pending: 200n });
    expect(await expire(atMs + HOUR_MS)).toMatchObject([
      { type: 'account.hold.ended', data: { holdId: first, how: 'expired', releasedMinor: 100n } },
    ]);
    expect(await world.balanceOf(payer)).toEqual({ posted: 500n, pending: 100n });
    expect(await findExpiredHolds(world.pool, new Date(atMs + 3 * HOUR_MS), 10)).toEqual([
      { holdId: later, debitAccountId: payer.accountId },
    ]);
  });

  test('is ended once', async () => {
    const atMs = Date.now();
    await hold(atMs + HOUR_MS);
    expect(await expire(atMs + HOUR_MS)).toHaveLength(1);
    expect(await expire(atMs + HOUR_MS)).toEqual([]);
  });

  test('is no longer posted', async () => {
    const atMs = Date.now();
    const holdId = await hold(atMs + HOUR_MS);
    await expire(atMs + HOUR_MS);
    const [paymentId, captureId] = [payments.get(holdId)!, newId('cap')];
    const capture = { amountMinor: 1n, final: false };
    const command = received(messages.holdPost, {
      ...capture,
      holdId,
      debitAccountId: payer.accountId,
      paymentId,
      transferId: transferIdOf(paymentId, captureId),
      evidence: await world.order(messages.paymentCapture, { paymentId, captureId, ...capture }),
    });
    expect((await world.run(command)).refused.get(command.claims.jti)).toBe('ledger.hold_ended');
  });
});

describe('a hold that has not expired', () => {
  test('does not change', async () => {
    const atMs = Date.now();
    await hold(atMs + HOUR_MS);
    expect(await expire(atMs + HOUR_MS - 1)).toEqual([]);
    expect(await world.balanceOf(payer)).toMatchObject({ pending: 100n });
  });
});
