import { auditMigrations } from '@tallystick/audit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { currencies, newId, paymentIdOf, type Currency } from '@tallystick/contracts';
import { messagingMigrations, type Send } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';

import { carryOut } from '../src/app/carry-out.ts';
import type { Account, LedgerResult } from '../src/domain/book.ts';
import { decide, emptyDecision, type LedgerRequest } from '../src/domain/decide.ts';
import { doneBefore } from '../src/domain/done-before.ts';
import { apply } from '../src/domain/ledger.ts';
import { ensureExternalAccounts, imbalances, trialBalance } from '../src/store/accounts.ts';
import { ledgerStore } from '../src/store/ledger-store.ts';
import { mandateStore } from '../src/store/mandates.ts';
import { accountSchema } from '../src/store/schema.ts';
import { requestedIn, requestFor, signedAtS, withIds } from './evidence-of.ts';
import { anyCommand, anyLegs, newBook, now, nowMs } from './ledger-arbitraries.ts';
import { anyRequest, mandate, newState, takes } from './request-arbitraries.ts';

const RUNBOOK = new URL('../../../infra/runbooks/books-do-not-balance.md', import.meta.url);

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase(messagingMigrations, auditMigrations, accountSchema);
  ({ pool } = database);
});
afterAll(() => database.close());
beforeEach(startOver);

/** Resets the tables to the book of {@link newState}. */
async function startOver(): Promise<void> {
  await pool.query(
    'TRUNCATE account, hold, journal_entry, journal_line, mandate, mandate_usage, used_evidence, wish',
  );
  for (const one of newBook().accounts.values()) {
    await pool.query(
      `INSERT INTO account (account_id, owner_id, kind, currency, status, floor_minor, posted_minor, opened_at)
       VALUES ($1, $2, 'customer', $3, $4, $5, $6, now())`,
      [one.accountId, one.ownerId, one.currency, one.status, one.minimumBalanceMinor, one.postedMinor],
    );
  }
  await transaction(pool, (tx) => mandateStore(tx).insert(mandate));
}

const noSend: Send = () => {};
const carryOutNow = (requests: readonly LedgerRequest[]): Promise<LedgerResult[]> =>
  transaction(pool, async (tx) => {
    const store = ledgerStore(tx);
    return carryOut(store, noSend, await store.load(requests, nowMs), requests, nowMs);
  });

type Shown = Pick<Account, 'accountId' | 'postedMinor' | 'pendingMinor' | 'sequence' | 'postedAtMs'>;

async function accounts(): Promise<Shown[]> {
  const { rows } = await pool.query<Shown & { sequence: bigint; postedAt: Date }>(
    `SELECT account_id AS "accountId", posted_minor AS "postedMinor", pending_minor AS "pendingMinor", sequence,
            posted_at AS "postedAt"
     FROM account ORDER BY account_id COLLATE "C"`,
  );
  return rows.map(({ sequence, postedAt, ...row }) => ({
    ...row,
    sequence: Number(sequence),
    postedAtMs: postedAt.getTime(),
  }));
}

async function expectBooksInOrder(): Promise<void> {
  for (const { balancesMinor, entriesMinor, pendingMinor, holdsMinor } of await transaction(
    pool,
    trialBalance,
  )) {
    expect([balancesMinor, entriesMinor]).toEqual([0n, 0n]);
    expect(pendingMinor).toBe(holdsMinor);
  }
  const { rows: gaps } = await pool.query(
    `SELECT account_id FROM account LEFT JOIN journal_line USING (account_id) GROUP BY account_id, account.sequence
     HAVING count(journal_line) <> account.sequence OR coalesce(max(journal_line.sequence), 0) <> account.sequence`,
  );
  expect(gaps).toEqual([]);
}

describe('the ledger in Postgres', () => {
  test('matches the pure core, batch by batch', async () => {
    const batches = fc.array(fc.array(anyRequest, { minLength: 1, maxLength: 25 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(batches, async (made) => {
        await startOver();
        const state = newState();
        for (const requests of made)
          expect(await carryOutNow(requests)).toEqual(decide(state, requests, nowMs).results);
        const expected = [...state.book.accounts.values()]
          .map(({ accountId, postedMinor, pendingMinor, sequence, postedAtMs }) => ({
            accountId,
            postedMinor,
            pendingMinor,
            sequence,
            postedAtMs,
          }))
          .toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1));
        expect(await accounts()).toEqual(expected);
        await expectBooksInOrder();
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('carries out concurrent batches on the same accounts without deadlocks or imbalance', async () => {
    const workers = await Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        const requests = fc
          .sample(anyCommand, { numRuns: 150, seed: worker })
          .map((command, at): LedgerRequest => {
            const own = {
              ...command,
              ...('entryId' in command ? { entryId: `${worker} ${command.entryId}` } : {}),
              ...('holdId' in command ? { holdId: `${worker} ${command.holdId}` } : {}),
              ...('transferId' in command ? { transferId: `${worker} ${command.transferId}` } : {}),
            };
            if (!takes(own)) return { command: own };
            const [owner, endToEndId] = [`owner of ${own.debitAccountId}`, `${worker} ${at}`];
            const asked =
              own.paymentId === undefined
                ? own
                : own.kind === 'transfer' && own.refund
                  ? withIds(own)
                  : requestedIn(own, owner, endToEndId);
            return { command: asked, evidence: requestFor(asked, owner, `${worker} ${at}`, { endToEndId }) };
          });
        const results: LedgerResult[] = [];
        for (let at = 0; at < requests.length; at += 10)
          results.push(...(await carryOutNow(requests.slice(at, at + 10))));
        return results;
      }),
    );
    expect(workers.flat().filter(({ ok }) => ok).length).toBeGreaterThan(100);
    await expectBooksInOrder();
    const balances = new Map((await accounts()).map((one) => [one.accountId, one]));
    for (const { accountId, minimumBalanceMinor } of newBook().accounts.values()) {
      const { postedMinor, pendingMinor } = balances.get(accountId)!;
      if (minimumBalanceMinor !== null)
        expect(postedMinor - pendingMinor).toBeGreaterThanOrEqual(minimumBalanceMinor);
    }
  }, 60_000);

  test('stores an entry of any legs with its lines, and recognizes it when it is repeated', async () => {
    await fc.assert(
      fc.asyncProperty(anyLegs, async (legs) => {
        await startOver();
        const command = { kind: 'entry' as const, entryId: 'e1', legs, paymentId: 'p1' };
        const posted = await transaction(pool, async (tx) => {
          const store = ledgerStore(tx);
          const state = await store.load([{ command }], nowMs);
          const decision = emptyDecision(nowMs);
          const result = apply(state.book, decision.posting, command, now);
          const authority = { kind: 'request', iss: 'wallet', jti: 'j1', usableUntilS: 0 } as const;
          decision.authorityById.set('e1', authority);
          store.save(decision);
          return result;
        });
        const again = await transaction(pool, async (tx) =>
          doneBefore((await ledgerStore(tx).load([{ command }], nowMs)).book, command),
        );
        expect(again).toEqual(posted.ok ? { ...posted, again: true } : undefined);
        const { rows } = await pool.query('SELECT account_id FROM journal_line');
        expect(rows).toHaveLength(posted.ok ? legs.length : 0);
        await expectBooksInOrder();
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test('publishes no transfer that is refused over HTTP, and every other one in its batch', async () => {
    const transfer = (transferId: string, amountMinor: bigint): LedgerRequest => {
      const command = {
        kind: 'transfer' as const,
        transferId,
        debitAccountId: 'ann',
        creditAccountId: 'ben',
        amountMinor,
        currency: 'EUR' as const,
        paymentId: undefined,
        refund: false,
      };
      return { command, evidence: requestFor(command, 'owner of ann', transferId) };
    };
    const requests = [transfer('t1', 100n), transfer('t2', 10n ** 15n), transfer('t3', 100n)];
    const sent: unknown[] = [];
    const results = await transaction(pool, async (tx) =>
      carryOut(
        ledgerStore(tx),
        ({ type }, data) => void sent.push([type, (data as { transferId: string }).transferId]),
        await ledgerStore(tx).load(requests, nowMs),
        requests,
        nowMs,
      ),
    );
    expect(results.map((result) => (result.ok ? 'moved' : result.code))).toEqual([
      'moved',
      'ledger.insufficient_funds',
      'moved',
    ]);
    expect(sent).toEqual([
      ['account.transfer.posted', 't1'],
      ['account.transfer.posted', 't3'],
    ]);
  });

  test('moves money once for an order that is signed twice, even if two batches carry it out concurrently', async () => {
    const owner = 'owner of ann';
    const command = {
      kind: 'transfer' as const,
      transferId: 't1',
      debitAccountId: 'ann',
      creditAccountId: 'ben',
      amountMinor: 100n,
      currency: 'EUR' as const,
      paymentId: 'p1',
      refund: false,
    };
    const order = { subject: owner, sourceId: 'ann', endToEndId: 'INVOICE-1' };
    const shown = await Promise.all(
      [0, 1, 2].map((afterS) => {
        const paymentId = paymentIdOf(order, signedAtS + afterS);
        const signed = { ...requestFor(command, owner, `j${afterS}`), signedAtS: signedAtS + afterS };
        return carryOutNow([{ command: withIds({ ...command, paymentId }), evidence: signed }]);
      }),
    );
    const codes = shown.flat().map((result) => (result.ok ? 'moved' : result.code));
    expect(codes.toSorted()).toEqual(['evidence.used', 'evidence.used', 'moved']);
  });
});

describe('external accounts', () => {
  const openAll = async (): Promise<number> => {
    let statements = 0;
    const counting = {
      query: (...given: Parameters<Pool['query']>) => {
        statements += 1;
        return pool.query(...given);
      },
    } as unknown as Pool;
    const each = (Object.keys(currencies) as Currency[]).map((currency) => ({
      accountId: newId('acc'),
      ownerId: 'treasury',
      currency,
    }));
    await ensureExternalAccounts(counting, each, new Date(nowMs));
    return statements;
  };

  test('are opened for every currency once, by one statement', async () => {
    expect([await openAll(), await openAll()]).toEqual([1, 1]);
    const { rows } = await pool.query<{ currency: string }>(
      `SELECT currency FROM account WHERE kind = 'external' ORDER BY currency`,
    );
    expect(rows.map(({ currency }) => currency)).toEqual(Object.keys(currencies));
  });

  test('appear in the trial balance only if their currency is in use', async () => {
    const before = await trialBalance(pool);
    await openAll();
    const after = await trialBalance(pool);
    expect(after.map(({ currency }) => currency)).toEqual(before.map(({ currency }) => currency));
    await pool.query(
      `UPDATE account SET posted_minor = 1, sequence = 1 WHERE kind = 'external' AND currency = 'KWD'`,
    );
    expect((await trialBalance(pool)).map(({ currency }) => currency)).toContain('KWD');
  });
});

describe('books that do not balance', () => {
  const owner = 'owner of ann';
  const order = { debitAccountId: 'ann', creditAccountId: 'ben', currency: 'EUR' as const, paymentId: '' };
  const asHold = {
    ...order,
    kind: 'hold' as const,
    holdId: '',
    authorizationId: undefined,
    amountMinor: 100n,
    expiresAtMs: nowMs + 60_000,
  };
  const asTransfer = { ...order, kind: 'transfer' as const, transferId: '', amountMinor: 40n, refund: false };
  const [hold, moved] = [requestedIn(asHold, owner, 'HELD'), requestedIn(asTransfer, owner, 'MOVED')];

  beforeEach(async () => {
    // The accounts of these tests start with balances: the statement adds a line for each.
    await pool.query(
      `INSERT INTO journal_line (account_id, sequence, entry_id, amount_minor, currency, balance_minor, posted_at)
       SELECT account_id, 1, 'opening', posted_minor, currency, posted_minor, now() FROM account WHERE posted_minor <> 0`,
    );
    await pool.query(`UPDATE account SET sequence = 1 WHERE posted_minor <> 0`);
    await pool.query(`SELECT 1`);
    const results = await carryOutNow([
      { command: hold, evidence: requestFor(hold, owner, 'j1', { endToEndId: 'HELD' }) },
      { command: moved, evidence: requestFor(moved, owner, 'j2', { endToEndId: 'MOVED' }) },
    ]);
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
  });

  const breakBooks = async (): Promise<void> => {
    await pool.query(`UPDATE account SET posted_minor = posted_minor + 7 WHERE account_id = 'ben'`);
    await pool.query(`UPDATE account SET pending_minor = 0 WHERE account_id = 'ann'`);
    await pool.query(`DELETE FROM journal_line WHERE entry_id = $1 AND account_id = 'ann'`, [
      moved.transferId,
    ]);
  };

  test('are reported with their imbalance, by currency', async () => {
    const inOrder = { balancesMinor: 0n, holdsMinor: 0n };
    expect(await transaction(pool, imbalances)).toEqual([
      { currency: 'EUR', ...inOrder },
      { currency: 'USD', ...inOrder },
    ]);
    await breakBooks();
    expect(await transaction(pool, imbalances)).toEqual([
      { currency: 'EUR', balancesMinor: 7n, holdsMinor: -100n },
      { currency: 'USD', ...inOrder },
    ]);
  });

  test('are found by the statements of the runbook', async () => {
    const [, sql = ''] = /```sql\n(.*?)```/s.exec(await readFile(RUNBOOK, 'utf8')) ?? [];
    const statements = sql.split(';').filter((statement) => statement.trim() !== '');
    const search = async () => {
      const found = await Promise.all(
        statements.map((statement) => pool.query<{ account_id?: string; entry_id?: string }>(statement)),
      );
      return found.map(({ rows }) => rows.map((row) => row.account_id ?? row.entry_id));
    };
    expect(await search()).toEqual([[], [], []]);
    await breakBooks();
    expect(await search()).toEqual([expect.arrayContaining(['ann', 'ben']), [moved.transferId], ['ann']]);
  });
});
