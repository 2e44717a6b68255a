import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messages, newId, newJti, type MessageDefinition } from '@tallystick/contracts';
import { messagingMigrations } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import type { OpenedMessage } from '@tallystick/security';
import { createLogger, type Logger } from '@tallystick/telemetry';

import { replay } from '../src/messages/replay.ts';
import { trialBalance } from '../src/store/accounts.ts';
import { accountSchema } from '../src/store/schema.ts';

const silent = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openTestDatabase(messagingMigrations, accountSchema);
  ({ pool } = database);
});
afterAll(() => database.close());

function eventOf(definition: MessageDefinition, data: object): OpenedMessage {
  const nowS = Math.floor(Date.now() / 1_000);
  const claims = { iss: 'account', jti: newJti(), iat: nowS } as OpenedMessage['claims'];
  return { definition, data, claims, kid: '', rememberUntilS: nowS, jws: '' };
}

const opened = (accountId: string, kind: 'external' | 'customer'): OpenedMessage =>
  eventOf(messages.accountOpened, { accountId, ownerId: newId('usr'), kind, currency: 'EUR' });

test('replays the events of the ledger in their causal order for any clocks of its replicas', async () => {
  const [debitAccountId, creditAccountId] = [newId('acc'), newId('acc')];
  const [paymentId, holdId, transferId] = [newId('pay'), newId('hld'), newId('trf')];
  const parties = { debitAccountId, creditAccountId, currency: 'EUR', paymentId, holdId };
  // Each event comes from another replica, whose clock is behind the previous one.
  const events = [
    eventOf(messages.holdEnded, {
      ...parties,
      amountMinor: 100n,
      how: 'posted',
      postedMinor: 60n,
      releasedMinor: 40n,
    }),
    eventOf(messages.transferPosted, { ...parties, transferId, amountMinor: 60n, refund: false }),
    eventOf(messages.holdPlaced, { ...parties, amountMinor: 100n, expiresAt: new Date().toISOString() }),
    opened(debitAccountId, 'external'),
    opened(creditAccountId, 'customer'),
  ];
  const { rank, apply } = replay(Date.now, silent);
  // One at a time, as in separate transactions.
  for (const message of events.toSorted((a, b) => rank!(a) - rank!(b)))
    await transaction(pool, (tx) => apply([message], tx));

  const { rows } = await pool.query('SELECT posted_minor AS posted, status FROM hold');
  expect(rows).toEqual([{ posted: 60n, status: 'posted' }]);
  const [euros] = await transaction(pool, trialBalance);
  expect(euros).toMatchObject({ balancesMinor: 0n, entriesMinor: 0n, pendingMinor: 0n, transfers: 1 });
});

test('skips and logs the events of an unknown account', async () => {
  const [debitAccountId, creditAccountId, nobodys] = [newId('acc'), newId('acc'), newId('acc')];
  const transfer = (creditTo: string): OpenedMessage =>
    eventOf(messages.transferPosted, {
      debitAccountId,
      creditAccountId: creditTo,
      currency: 'EUR',
      transferId: newId('trf'),
      amountMinor: 60n,
      refund: false,
    });
  const hold = (debitFrom: string): OpenedMessage =>
    eventOf(messages.holdPlaced, {
      debitAccountId: debitFrom,
      creditAccountId,
      currency: 'EUR',
      paymentId: newId('pay'),
      holdId: newId('hld'),
      amountMinor: 100n,
      expiresAt: new Date().toISOString(),
    });
  const [toNobody, ofNobody, known] = [transfer(nobodys), hold(nobodys), transfer(creditAccountId)];
  const lines: { jti: string }[] = [];
  const logger = Object.assign(Object.create(silent) as Logger, {
    error: (fields: { jti: string }) => void lines.push(fields),
  });
  const events = [opened(debitAccountId, 'external'), opened(creditAccountId, 'customer')];
  const { apply } = replay(Date.now, logger);
  await transaction(pool, (tx) => apply([...events, toNobody, ofNobody, known], tx));

  expect(lines.map(({ jti }) => jti)).toEqual([toNobody.claims.jti, ofNobody.claims.jti]);
  const { rows } = await pool.query('SELECT posted_minor AS posted FROM account WHERE account_id = $1', [
    creditAccountId,
  ]);
  expect(rows).toEqual([{ posted: 60n }]);
  const [euros] = await transaction(pool, trialBalance);
  expect(euros).toMatchObject({ balancesMinor: 0n, entriesMinor: 0n });
});

test('gives an account its latest status, after its openings and postings', async () => {
  const [frozen, unfrozen] = [newId('acc'), newId('acc')];
  const changed = (accountId: string, status: 'frozen' | 'open'): OpenedMessage =>
    eventOf(messages.accountStatusChanged, { accountId, status, changedAt: new Date().toISOString() });
  const events = [
    changed(unfrozen, 'frozen'),
    changed(unfrozen, 'open'),
    changed(frozen, 'frozen'),
    opened(frozen, 'customer'),
    opened(unfrozen, 'customer'),
  ];
  const { rank, apply } = replay(Date.now, silent);
  await transaction(pool, (tx) =>
    apply(
      events.toSorted((a, b) => rank!(a) - rank!(b)),
      tx,
    ),
  );
  const { rows } = await pool.query(
    'SELECT account_id, status FROM account WHERE account_id IN ($1, $2) ORDER BY status',
    [frozen, unfrozen],
  );
  expect(rows).toEqual([
    { account_id: frozen, status: 'frozen' },
    { account_id: unfrozen, status: 'open' },
  ]);
});
