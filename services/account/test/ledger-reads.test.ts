import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { holdIdOf, newId, operations } from '@tallystick/contracts';
import { Edge } from '@tallystick/http';
import { customer, type Customer } from '@tallystick/http/testing';
import type { Send } from '@tallystick/messaging';
import { noteSent } from '@tallystick/messaging/testing';
import { transaction } from '@tallystick/postgres';

import { ledgerRoutes } from '../src/http/ledger-routes.ts';
import { startAccountWorld, type AccountWorld, type OwnedAccount } from './account-world.ts';

let world: AccountWorld;
let edge: Edge<Send>;
let port: number;
let reader: Customer;
let payer: OwnedAccount;
let payee: OwnedAccount;
beforeAll(async () => {
  world = await startAccountWorld();
  edge = new Edge<Send>({
    ...world.edgeOptions,
    service: 'account',
    transact: (work) => transaction(world.pool, (tx) => work(tx, noteSent([]))),
    operations: [],
  });
  ledgerRoutes(edge, world.pool);
  port = await edge.listen(0);
  reader = customer(world, port, newId('opr'));
  payer = await world.open({ fundedMinor: 1_000n });
  payee = await world.open();
});
afterAll(async () => {
  await edge.close();
  await world.stop();
});

describe('an operator who reads the ledger', () => {
  test('sees any account with its balances, and the accounts of its owner', async () => {
    const { body } = await reader(operations.ledgerAccount, { params: { accountId: payer.accountId } });
    expect(body).toMatchObject({ ownerId: payer.ownerId, postedMinor: 1_000, availableMinor: 1_000 });
    const { body: list } = await reader(operations.ledgerAccounts, {
      params: { partyId: payer.ownerId },
    });
    expect(list).toMatchObject({ accounts: [{ accountId: payer.accountId }] });
  });

  test('sees the entries of any account with the balance after each', async () => {
    const { body } = await reader(operations.ledgerEntries, { params: { accountId: payer.accountId } });
    expect(body).toMatchObject({ entries: [{ amountMinor: 1_000, balanceMinor: 1_000 }] });
  });

  test('sees the hold of a payment while it is open, and its transfer with both balances afterwards', async () => {
    const paymentId = newId('pay');
    const holdId = holdIdOf(paymentId);
    const accounts = { debitAccountId: payer.accountId, creditAccountId: payee.accountId };
    await world.pool.query(
      `INSERT INTO hold (hold_id, debit_account_id, credit_account_id, amount_minor, currency, payment_id, status,
         expires_at, evidence_kind, evidence_iss, evidence_jti, placed_at)
       VALUES ($1, $2, $3, 300, 'EUR', $4, 'open', now() + interval '1 day', 'request', 'iss', 'jti', now())`,
      [holdId, accounts.debitAccountId, accounts.creditAccountId, paymentId],
    );
    const { body: open } = await reader(operations.ledgerHolds, { params: { accountId: payer.accountId } });
    expect(open).toMatchObject({ holds: [{ holdId, amountMinor: 300, status: 'open', ...accounts }] });

    await world.pool.query(
      `WITH line AS (
         INSERT INTO journal_line (account_id, sequence, entry_id, amount_minor, currency, balance_minor, posted_at)
         VALUES ($2, 2, $1, -300, 'EUR', 700, now()), ($3, 1, $1, 300, 'EUR', 300, now()))
       INSERT INTO journal_entry (entry_id, debit_account_id, credit_account_id, amount_minor, currency, debit_sequence,
         credit_sequence, payment_id, hold_id, refund, evidence_jti, posted_at)
       VALUES ($1, $2, $3, 300, 'EUR', 2, 1, $4, $5, false, 'jti', now())`,
      [newId('trf'), accounts.debitAccountId, accounts.creditAccountId, paymentId, holdId],
    );
    const { body } = await reader(operations.ledgerPayment, { params: { paymentId } });
    expect(body).toMatchObject({
      hold: { holdId },
      transfers: [{ ...accounts, holdId, debitBalanceMinor: 700, creditBalanceMinor: 300, refund: false }],
    });
  });

  test('sees the mandates that a party granted or holds, with their owners', async () => {
    const mandateId = await world.allow(payer, { kind: 'producer', id: 'acme' });
    for (const party of ['acme', payer.ownerId]) {
      const { body } = await reader(operations.ledgerMandates, {
        params: { partyId: party },
        query: '?status=active',
      });
      expect(body).toMatchObject({ mandates: [{ mandateId, ownerId: payer.ownerId }] });
    }
  });

  test.each([
    [operations.ledgerAccount, { accountId: newId('acc') }],
    [operations.ledgerEntries, { accountId: newId('acc') }],
    [operations.ledgerHolds, { accountId: newId('acc') }],
    [operations.ledgerPayment, { paymentId: newId('pay') }],
  ])('learns that there is none: %#', async (operation, params) => {
    const { status, body } = await reader(operation, { params: params as Record<string, string> });
    expect([status, body['code']]).toEqual([404, 'resource.not_found']);
  });
});

describe('a customer', () => {
  test.each([
    operations.ledgerAccount,
    operations.ledgerAccounts,
    operations.ledgerEntries,
    operations.ledgerHolds,
    operations.ledgerPayment,
    operations.ledgerMandates,
  ])('is refused: %#', async (operation) => {
    const ofOwner = customer(world, port, payer.ownerId);
    const { status, body } = await ofOwner(operation, {
      params: { accountId: payer.accountId, paymentId: newId('pay'), partyId: payer.ownerId },
      token: world.token({ sub: payer.ownerId, scope: 'accounts:read mandates:read payments:read' }),
    });
    expect([status, body['code']]).toEqual([403, 'token.scope_insufficient']);
  });
});
