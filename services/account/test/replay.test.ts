import { auditMigrations } from '@tallystick/audit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { messages, newId, type MessageDefinition } from '@tallystick/contracts';
import { messagingMigrations, type Messaging, type Send } from '@tallystick/messaging';
import {
  eventually,
  newKey,
  startWorld,
  writeKey,
  type TestKey,
  type World,
} from '@tallystick/messaging/testing';
import type { Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { createLogger } from '@tallystick/telemetry';

import { carryOut } from '../src/app/carry-out.ts';
import { replay } from '../src/messages/replay.ts';
import { accountStore } from '../src/store/accounts.ts';
import { ledgerStore } from '../src/store/ledger-store.ts';
import { accountSchema } from '../src/store/schema.ts';
import { books, runLedger, type Parties } from './ledger-history.ts';

const silent = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
const eventTypes = [
  messages.accountOpened,
  messages.holdPlaced,
  messages.transferPosted,
  messages.holdEnded,
].map(({ type }) => type);

let world: World;
let directory: string;
let key: TestKey;
beforeAll(async () => {
  world = await startWorld();
  directory = await mkdtemp(join(tmpdir(), 'tallystick-replay-'));
  key = await newKey();
  await writeKey(join(directory, 'signing-key.json'), key);
  await world.certify(key, {
    sub: 'account',
    permissions: [{ topic: 'account.events.v1', types: eventTypes }],
  });
});
afterAll(async () => {
  await world.stop();
  await rm(directory, { recursive: true });
});

let ledger: TestDatabase;
/** The ledger's database as it was before the first account was opened. */
let restored: TestDatabase;
beforeEach(async () => {
  await world.loseTopic('account.events.v1');
  restored = await openTestDatabase(messagingMigrations, auditMigrations, accountSchema);
  ledger = await openTestDatabase(messagingMigrations, auditMigrations, accountSchema);
});
afterEach(() => Promise.all([ledger.close(), restored.close()]));

const connect = (pool: Pool): Promise<Messaging> =>
  world.connect({ service: 'account', signingKeyFile: join(directory, 'signing-key.json'), pool });

/** Opens accounts, runs the ledger on them, and waits until all its messages are published. */
async function publishHistory(change: (send: Send) => Send): Promise<void> {
  const messaging = await connect(ledger.pool);
  const parties: Parties = { outside: newId('acc'), payer: newId('acc'), payee: newId('acc') };
  await messaging.outbox.transaction(async (tx, send) => {
    for (const accountId of Object.values(parties)) {
      const kind = accountId === parties.outside ? 'external' : 'customer';
      const facts = { accountId, ownerId: `owner of ${accountId}`, kind, currency: 'EUR' } as const;
      await accountStore(tx).insert([{ ...facts, openedAt: new Date() }]);
      send(messages.accountOpened, facts);
    }
  });
  await runLedger(parties, async (requests) => {
    const nowMs = Date.now();
    const results = await messaging.outbox.transaction(async (tx, send) => {
      const store = ledgerStore(tx);
      return carryOut(store, change(send), await store.load(requests, nowMs), requests, nowMs);
    });
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
  });
  await eventually(async () => {
    const { rows } = await ledger.pool.query('SELECT 1 FROM outbox WHERE published_at IS NULL');
    return rows.length === 0;
  });
  await messaging.stop();
}

/** Replays a few messages in each transaction. @returns the number of replayed messages */
async function replayAll(): Promise<number> {
  const messaging = await connect(restored.pool);
  try {
    return await messaging.replay({
      ...replay(Date.now, silent),
      chunkSize: { messages: 7, bytes: 1_048_576 },
    });
  } finally {
    await messaging.stop();
  }
}

/** Removes times and the numbers of lines from events, as the previous release publishes them. */
function asPreviousRelease(send: Send): Send {
  const sendOlder = send as (definition: MessageDefinition, data: object, options?: object) => void;
  return ((definition: MessageDefinition, data: object, options?: object) => {
    const {
      placedAt: _placedAt,
      postedAt: _postedAt,
      endedAt: _endedAt,
      debitSequence: _debitSequence,
      creditSequence: _creditSequence,
      ...older
    } = {
      placedAt: undefined,
      postedAt: undefined,
      endedAt: undefined,
      debitSequence: undefined,
      creditSequence: undefined,
      ...data,
    };
    sendOlder(definition, older, options);
  }) as Send;
}

describe('a ledger whose database was restored to before its first account', () => {
  test('gets back its balances, holds, numbered lines and times', async () => {
    await publishHistory((send) => send);
    expect(await replayAll()).toBeGreaterThan(1_000);
    expect(await books(restored.pool)).toEqual(await books(ledger.pool));
    expect(await replayAll()).toBe(0);
  }, 120_000);

  test('gets back its balances and holds from events of the previous release', async () => {
    await publishHistory(asPreviousRelease);
    expect(await replayAll()).toBeGreaterThan(1_000);
    for (const statement of [
      'SELECT account_id, posted_minor, pending_minor, sequence FROM account ORDER BY account_id',
      'SELECT hold_id, posted_minor, status FROM hold ORDER BY hold_id',
      'SELECT entry_id, amount_minor, hold_id, payment_id FROM journal_entry ORDER BY entry_id',
    ])
      expect((await restored.pool.query(statement)).rows).toEqual((await ledger.pool.query(statement)).rows);
  }, 120_000);
});
