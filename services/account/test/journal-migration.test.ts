import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messagingMigrations, type Send } from '@tallystick/messaging';
import { bringForward, createPool, transaction, type MigrationSource, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';

import { carryOut } from '../src/app/carry-out.ts';
import { trialBalance } from '../src/store/accounts.ts';
import { ledgerStore } from '../src/store/ledger-store.ts';
import { accountSchema } from '../src/store/schema.ts';
import { requestFor, type TakingCommand } from './evidence-of.ts';
import { previousRelease, type PreviousTransfer } from './previous-release.ts';

const role = `service_${randomBytes(4).toString('hex')}`;
const start = Date.UTC(2026, 10, 24, 12);
const at = (seconds: number): Date => new Date(start + 1_000 * seconds);

let directory: string;
let database: TestDatabase;
/** A connection of the previous release: not as the owner, with the rights that migrations grant. */
let service: Pool;
/** A connection of this release. */
let next: Pool;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-migration-'));
  for (const file of ['0001-ledger.sql', '0002-entry-key.sql'])
    await copyFile(new URL(file, accountSchema.directory), join(directory, file));
  database = await openTestDatabase();
  await database.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
  const before: MigrationSource = {
    scope: 'account',
    directory: pathToFileURL(`${directory}/`),
    appendOnly: ['transfer', 'entry'],
  };
  await bringForward({ url: database.url, serviceRole: role, sources: [messagingMigrations, before] });
  const url = Object.assign(new URL(database.url), { username: role, password: role }).href;
  service = createPool({ url, applicationName: 'test', maxConnections: 1 });
  next = createPool({ url, applicationName: 'test' });
  await writeHistory();
  await bringForward({
    url: database.url,
    serviceRole: role,
    sources: [messagingMigrations, accountSchema],
  });
});
afterAll(async () => {
  await Promise.all([service.end(), next.end()]);
  await database.pool.query(`DROP OWNED BY ${role}`);
  await database.pool.query(`DROP ROLE ${role}`);
  await database.close();
  await rm(directory, { recursive: true });
});

/** Posts transfers as the previous release does: a batch in one transaction. */
async function post(transfers: PreviousTransfer[], pendingMinor: Record<string, bigint> = {}): Promise<void> {
  await transaction(service, async (tx) => {
    const ids = transfers.flatMap(({ debitAccountId, creditAccountId }) => [debitAccountId, creditAccountId]);
    await previousRelease.lockAccounts(tx, ids);
    await previousRelease.findTransfers(
      tx,
      transfers.map(({ transferId }) => transferId),
    );
    await previousRelease.insertTransfers(tx, transfers);
    await previousRelease.insertEntries(tx, transfers);
    const balances = new Map(
      transfers.flatMap(({ debitAccountId, creditAccountId, balances: [debitMinor, creditMinor] }) => [
        [debitAccountId, debitMinor],
        [creditAccountId, creditMinor],
      ]),
    );
    await previousRelease.updateAccounts(
      tx,
      [...balances].map(([id, postedMinor]) => [id, postedMinor, pendingMinor[id] ?? 0n] as const),
    );
  });
}

/** Writes a history: two accounts are funded, one hold is placed and posted in part, another stays open. */
async function writeHistory(): Promise<void> {
  for (const [id, floorMinor] of [
    ['outside', null],
    ['ann', 0n],
    ['ben', 0n],
    ['idle', 0n],
  ] as const)
    await previousRelease.openAccount(service, id, 'EUR', floorMinor);
  const paid = { debitAccountId: 'outside', paymentId: 'p0' };
  await post([
    {
      ...paid,
      transferId: 't1',
      creditAccountId: 'ann',
      amountMinor: 500n,
      postedAt: at(1),
      balances: [-500n, 500n],
    },
    {
      ...paid,
      transferId: 't2',
      creditAccountId: 'ben',
      amountMinor: 200n,
      postedAt: at(1),
      balances: [-700n, 200n],
    },
  ]);
  const between = { debitAccountId: 'ann', creditAccountId: 'ben' };
  await transaction(service, async (tx) => {
    await previousRelease.insertHolds(tx, [
      { ...between, holdId: 'h1', amountMinor: 100n },
      { ...between, holdId: 'h2', amountMinor: 50n },
    ]);
    await previousRelease.updateAccounts(tx, [['ann', 500n, 150n]]);
  });
  await post(
    [
      {
        ...between,
        transferId: 't3',
        holdId: 'h1',
        amountMinor: 80n,
        postedAt: at(2),
        balances: [420n, 280n],
      },
    ],
    { ann: 50n },
  );
  await previousRelease.updateHolds(service, 'h1', 80n, 'posted');
}

async function accounts(): Promise<unknown[]> {
  const { rows } = await service.query(
    'SELECT account_id, posted_minor, pending_minor, sequence, posted_at FROM account ORDER BY account_id',
  );
  return rows;
}

async function lines(): Promise<unknown[]> {
  const { rows } = await service.query(
    'SELECT account_id, sequence, entry_id, amount_minor, currency, balance_minor FROM journal_line ORDER BY 1, 2',
  );
  return rows.map((row) => Object.values(row));
}

const written = [
  ['ann', 1n, 't1', 500n, 'EUR', 500n],
  ['ann', 2n, 't3', -80n, 'EUR', 420n],
  ['ben', 1n, 't2', 200n, 'EUR', 200n],
  ['ben', 2n, 't3', 80n, 'EUR', 280n],
  ['outside', 1n, 't1', -500n, 'EUR', -500n],
  ['outside', 2n, 't2', -200n, 'EUR', -700n],
];

describe('the journal migrated from the previous tables', () => {
  test('numbers the lines of each account in the order of their insertion', async () => {
    expect(await lines()).toEqual(written);
  });

  test('stores the number and time of the last line of each account', async () => {
    expect(await accounts()).toEqual([
      { account_id: 'ann', posted_minor: 420n, pending_minor: 50n, sequence: 2n, posted_at: at(2) },
      { account_id: 'ben', posted_minor: 280n, pending_minor: 0n, sequence: 2n, posted_at: at(2) },
      { account_id: 'idle', posted_minor: 0n, pending_minor: 0n, sequence: 0n, posted_at: new Date(0) },
      { account_id: 'outside', posted_minor: -700n, pending_minor: 0n, sequence: 2n, posted_at: at(1) },
    ]);
  });

  test('balances', async () => {
    const [euros] = await transaction(next, trialBalance);
    expect(euros).toMatchObject({
      balancesMinor: 0n,
      entriesMinor: 0n,
      pendingMinor: 50n,
      holdsMinor: 50n,
      transfers: 3,
    });
  });
});

describe('the previous release on the migrated tables', () => {
  test('reads its own rows and the rows of this release', async () => {
    expect((await previousRelease.lockHolds(service, ['h1', 'h2'])).rows).toMatchObject([
      { hold_id: 'h1', status: 'posted', posted_minor: 80n },
      { hold_id: 'h2', status: 'open', posted_minor: 0n },
    ]);
    expect((await previousRelease.findTransfers(service, ['t3'])).rows).toMatchObject([
      { transfer_id: 't3', amount_minor: 80n, hold_id: 'h1' },
    ]);
    expect((await previousRelease.findPaid(service, ['p0'])).rows).toHaveLength(2);
    expect((await previousRelease.findEntries(service, 'ann')).rows).toMatchObject([
      { transfer_id: 't3', amount_minor: -80n, balance_minor: 420n, counterparty: 'ben' },
      { transfer_id: 't1', amount_minor: 500n, balance_minor: 500n, counterparty: 'outside' },
    ]);
    expect((await previousRelease.trialBalance(service)).rows).toMatchObject([
      { balancesMinor: 0n, entriesMinor: 0n, transfers: 3 },
    ]);
  });

  test('opens accounts, places holds and posts transfers with numbered lines', async () => {
    await previousRelease.openAccount(service, 'new', 'EUR', 0n);
    await transaction(service, async (tx) => {
      await previousRelease.lockAccounts(tx, ['ben'], ['h3']);
      await previousRelease.insertHolds(tx, [
        { holdId: 'h3', debitAccountId: 'ben', creditAccountId: 'new', amountMinor: 60n },
      ]);
      await previousRelease.updateAccounts(tx, [['ben', 280n, 60n]]);
    });
    const toNew = { debitAccountId: 'ben', creditAccountId: 'new' };
    await post([
      {
        ...toNew,
        transferId: 't4',
        holdId: 'h3',
        amountMinor: 60n,
        postedAt: at(3),
        balances: [220n, 60n],
      },
      { ...toNew, transferId: 't5', amountMinor: 20n, postedAt: at(3), balances: [200n, 80n] },
    ]);
    await previousRelease.updateHolds(service, 'h3', 60n, 'posted');
    expect(await lines()).toEqual([
      ...written.slice(0, 4),
      ['ben', 3n, 't4', -60n, 'EUR', 220n],
      ['ben', 4n, 't5', -20n, 'EUR', 200n],
      ['new', 1n, 't4', 60n, 'EUR', 60n],
      ['new', 2n, 't5', 20n, 'EUR', 80n],
      ...written.slice(4),
    ]);
    expect(await accounts()).toMatchObject([
      { account_id: 'ann', sequence: 2n },
      { account_id: 'ben', posted_minor: 200n, pending_minor: 0n, sequence: 4n, posted_at: at(3) },
      { account_id: 'idle', sequence: 0n },
      { account_id: 'new', posted_minor: 80n, sequence: 2n, posted_at: at(3) },
      { account_id: 'outside', sequence: 2n },
    ]);
  });

  test('alternates with this release on the same accounts', async () => {
    const command: TakingCommand = {
      kind: 'transfer',
      transferId: 't6',
      debitAccountId: 'new',
      creditAccountId: 'ann',
      amountMinor: 30n,
      currency: 'EUR',
      paymentId: undefined,
      refund: false,
    };
    const noSend: Send = () => {};
    const nowMs = at(0).getTime();
    const requests = [{ command, evidence: requestFor(command, 'usr_1', 'for t6') }];
    const carried = await transaction(next, async (tx) => {
      const store = ledgerStore(tx);
      return carryOut(store, noSend, await store.load(requests, nowMs), requests, nowMs);
    });
    // The clock of this release is behind; its time is nevertheless later than the posting of the previous release.
    expect(carried).toMatchObject([{ ok: true, entry: { postedAtMs: at(3).getTime() + 1 } }]);
    await post(
      [
        {
          transferId: 't7',
          debitAccountId: 'ann',
          creditAccountId: 'new',
          amountMinor: 10n,
          postedAt: at(4),
          balances: [440n, 60n],
        },
      ],
      { ann: 50n },
    );
    expect((await previousRelease.findEntries(service, 'new')).rows).toMatchObject([
      { transfer_id: 't7', amount_minor: 10n },
      { transfer_id: 't6', amount_minor: -30n, counterparty: 'ann' },
      { transfer_id: 't5', amount_minor: 20n },
      { transfer_id: 't4', amount_minor: 60n },
    ]);
    expect((await previousRelease.trialBalance(service)).rows).toMatchObject([
      { balancesMinor: 0n, entriesMinor: 0n, transfers: 7 },
    ]);
  });

  test('cannot change or delete posted rows', async () => {
    for (const table of ['transfer', 'entry', 'journal_entry', 'journal_line'])
      for (const statement of [`UPDATE ${table} SET amount_minor = 1`, `DELETE FROM ${table}`])
        await expect(service.query(statement)).rejects.toMatchObject({ code: '42501' });
  });
});
