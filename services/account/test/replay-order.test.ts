import { auditMigrations } from '@tallystick/audit';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { firstJtiAt, messages, newId, type MessageDefinition } from '@tallystick/contracts';
import { messagingMigrations, type Send } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import type { OpenedMessage } from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry';
import * as z from 'zod';

import { carryOut } from '../src/app/carry-out.ts';
import { replay } from '../src/messages/replay.ts';
import { accountStore } from '../src/store/accounts.ts';
import { ledgerStore } from '../src/store/ledger-store.ts';
import { accountSchema } from '../src/store/schema.ts';
import { books, runLedger, type Parties, type RunBatch } from './ledger-history.ts';

const silent = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
const startMs = Date.UTC(2026, 10, 24, 12);
/** Clock skew between two replicas. */
const SKEW_MS = 900;
const AT_ONCE = 7;

let ledger: TestDatabase;
let restored: TestDatabase;
beforeAll(async () => {
  [ledger, restored] = await Promise.all([
    openTestDatabase(messagingMigrations, auditMigrations, accountSchema),
    openTestDatabase(messagingMigrations, auditMigrations, accountSchema),
  ]);
});
afterAll(() => Promise.all([ledger.close(), restored.close()]));

const parties: Parties = { outside: newId('acc'), payer: newId('acc'), payee: newId('acc') };

/** Records events in the order of sending; each batch comes from a replica whose clock is ahead or behind. */
class Journal {
  readonly events: OpenedMessage[] = [];
  #sequence = 0;

  sender(nowMs: number): Send {
    return (definition, data) => {
      this.#sequence += 1;
      const jti = firstJtiAt(nowMs).slice(0, -12) + this.#sequence.toString(16).padStart(12, '0');
      const claims = { iss: 'account', jti, iat: Math.floor(nowMs / 1_000) } as OpenedMessage['claims'];
      this.events.push({
        definition: definition as unknown as MessageDefinition,
        data: z.decode(definition.data, z.encode(definition.data, data) as never),
        claims,
        kid: '',
        rememberUntilS: 0,
        jws: '',
      });
    };
  }
}

/** Returns the clock of the replica that carries out the next batch: batches are a millisecond apart. */
function clockMs(batch: number): number {
  return startMs + batch + (batch % 3 === 1 ? SKEW_MS : batch % 3 === 2 ? -SKEW_MS : 0);
}

async function openAccounts(pool: Pool, journal: Journal): Promise<void> {
  const kinds = [
    [parties.outside, 'external'],
    [parties.payer, 'customer'],
    [parties.payee, 'customer'],
  ] as const;
  for (const [accountId, kind] of kinds) {
    const facts = { accountId, ownerId: `owner of ${accountId}`, kind, currency: 'EUR' } as const;
    await accountStore(pool).insert([{ ...facts, openedAt: new Date(startMs) }]);
    journal.sender(clockMs(1))(messages.accountOpened, facts);
  }
}

/** Carries out each batch on another replica. */
function batches(pool: Pool, journal: Journal): RunBatch {
  let batch = 0;
  return async (requests) => {
    const nowMs = clockMs((batch += 1));
    const results = await transaction(pool, async (tx) => {
      const store = ledgerStore(tx);
      return carryOut(store, journal.sender(nowMs), await store.load(requests, nowMs), requests, nowMs);
    });
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
  };
}

describe('a ledger whose database was restored to its beginning', () => {
  test('replays its own events in its own order, in small chunks', async () => {
    const journal = new Journal();
    await openAccounts(ledger.pool, journal);
    await runLedger(parties, batches(ledger.pool, journal));
    expect(journal.events.length).toBeGreaterThan(1_000);

    const { rank, apply } = replay(Date.now, silent);
    const inOrder = journal.events.toSorted(
      (a, b) => rank!(a) - rank!(b) || (a.claims.jti < b.claims.jti ? -1 : 1),
    );
    for (let at = 0; at < inOrder.length; at += AT_ONCE)
      await transaction(restored.pool, (tx) => apply(inOrder.slice(at, at + AT_ONCE), tx));
    expect(await books(restored.pool)).toEqual(await books(ledger.pool));
  }, 120_000);
});
