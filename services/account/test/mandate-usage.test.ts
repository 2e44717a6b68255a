import { auditMigrations } from '@tallystick/audit';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  captureIdOf,
  firstJtiAt,
  holdIdOf,
  messages,
  newId,
  transferIdOf,
  transferIdOfOrder,
  type MessageDefinition,
} from '@tallystick/contracts';
import { messagingMigrations, type Send } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import type { OpenedMessage } from '@tallystick/security';
import { createLogger } from '@tallystick/telemetry';
import fc from 'fast-check';
import * as z from 'zod';

import { carryOut } from '../src/app/carry-out.ts';
import { decide, type LedgerRequest, type State } from '../src/domain/decide.ts';
import { mandateKey, type Mandate } from '../src/domain/mandate.ts';
import { replay } from '../src/messages/replay.ts';
import { accountStore } from '../src/store/accounts.ts';
import { ledgerStore } from '../src/store/ledger-store.ts';
import { mandateStore } from '../src/store/mandates.ts';
import { accountSchema } from '../src/store/schema.ts';
import { cancelFor, captureFor, orderFor, withIds } from './evidence-of.ts';
import { account } from './ledger-arbitraries.ts';

const silent = createLogger({ service: 'test', level: 'silent', confidentialFields: [] });
/** The evening before the last day of a month. */
const startMs = Date.UTC(2026, 9, 30, 20);
const [payer, payee] = [newId('acc'), newId('acc')];
const payments = Array.from({ length: 6 }, () => newId('pay'));
const mandate: Mandate = {
  mandateId: newId('mdt'),
  accountId: payer,
  ownerId: newId('usr'),
  grantee: { kind: 'producer', id: 'acme' },
  currency: 'EUR',
  limits: { perPaymentMinor: 500n, perDayMinor: 900n, perMonthMinor: 1_500n },
  status: 'active',
  grantedAtMs: 0,
};

interface Step {
  kind: 'hold' | 'transfer' | 'post' | 'void' | 'expire';
  payment: number;
  amountMinor: bigint;
  final: boolean;
  afterMs: number;
}

/** Steps of a third party on a few payments, over midnight and the end of the month. */
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('hold', 'hold', 'hold', 'transfer', 'post', 'post', 'void', 'expire'),
    payment: fc.nat(payments.length - 1),
    amountMinor: fc.bigInt(1n, 510n),
    final: fc.boolean(),
    afterMs: fc.constantFrom(0, 1, 3_600_000, 14_400_000),
  }),
  { minLength: 1, maxLength: 25 },
);

function requestOf({ kind, payment, amountMinor, final }: Step): LedgerRequest {
  const paymentId = payments[payment]!;
  const onHold = { holdId: holdIdOf(paymentId), debitAccountId: payer, paymentId };
  const producer = { kind: 'producer', id: 'acme' } as const;
  const movement = { debitAccountId: payer, creditAccountId: payee, amountMinor, currency: 'EUR' } as const;
  switch (kind) {
    case 'hold': {
      const facts = { holdId: '', authorizationId: undefined, expiresAtMs: startMs + 7 * 86_400_000 };
      const command = withIds({ kind, ...movement, ...facts, paymentId });
      return { command, evidence: orderFor(command) };
    }
    case 'transfer': {
      const command = withIds({ kind, ...movement, transferId: '', paymentId, refund: false });
      return { command, evidence: orderFor(command) };
    }
    case 'post': {
      const capture = { amountMinor, final };
      const transferId = transferIdOf(paymentId, captureIdOf(paymentId, capture));
      const evidence = captureFor({ paymentId, ...capture }, producer);
      return { command: { kind, ...onHold, transferId, ...capture }, evidence };
    }
    case 'void':
      return { command: { kind, ...onHold }, evidence: cancelFor(paymentId, producer) };
    case 'expire':
      return { command: { kind, holdId: onHold.holdId, debitAccountId: payer } };
  }
}

/** Returns the requests with the times of their batches. */
function historyOf(made: readonly Step[]): { request: LedgerRequest; nowMs: number }[] {
  let nowMs = startMs;
  return made.map((step) => ({ request: requestOf(step), nowMs: (nowMs += step.afterMs) }));
}

const newState = (): State => ({
  book: {
    accounts: new Map([
      [payer, account(payer, { ownerId: mandate.ownerId, postedMinor: 10_000n })],
      [payee, account(payee, { ownerId: newId('usr') })],
    ]),
    holds: new Map(),
    entries: new Map(),
    paid: new Map(),
  },
  mandates: new Map([[mandateKey(payer, mandate.grantee), mandate]]),
  usage: new Map(),
  usedEvidence: new Set(),
  wishes: new Set(),
});

const notZero = (usage: Iterable<[string, bigint]>): Record<string, bigint> =>
  Object.fromEntries([...usage].filter(([, usedMinor]) => usedMinor !== 0n));

/** Decides a history in memory. @returns the state, and when each hold or transfer of an order was decided, by its id */
function decided(made: readonly Step[]): { state: State; orderedAtMs: Map<string, number> } {
  const state = newState();
  const orderedAtMs = new Map<string, number>();
  for (const { request, nowMs } of historyOf(made)) {
    const [result] = decide(state, [request], nowMs).results;
    const { command } = request;
    if (result?.ok !== true || result.again === true) continue;
    if (command.kind === 'hold') orderedAtMs.set(command.holdId, nowMs);
    if (command.kind === 'transfer') orderedAtMs.set(command.transferId, nowMs);
  }
  return { state, orderedAtMs };
}

test('a mandate has spent in each day and month what its orders of that time hold or moved', () => {
  let released = 0;
  fc.assert(
    fc.property(steps, (made) => {
      const { state, orderedAtMs } = decided(made);
      const expected = new Map<string, bigint>();
      const count = (id: string, amountMinor: bigint): void => {
        const at = new Date(orderedAtMs.get(id)!).toISOString();
        for (const period of [at.slice(0, 10), at.slice(0, 7)]) {
          const key = `${mandate.mandateId} ${period}`;
          expected.set(key, (expected.get(key) ?? 0n) + amountMinor);
        }
      };
      for (const paymentId of payments) {
        const [holdId, transferId] = [holdIdOf(paymentId), transferIdOfOrder(paymentId)];
        const hold = state.book.holds.get(holdId);
        if (hold !== undefined) count(holdId, hold.status === 'open' ? hold.amountMinor : hold.postedMinor);
        if (hold !== undefined && hold.status !== 'open' && hold.postedMinor < hold.amountMinor)
          released += 1;
        const entry = state.book.entries.get(transferId);
        if (entry !== undefined) count(transferId, entry.legs[1]!.amountMinor);
      }
      expect(notZero(state.usage)).toEqual(notZero(expected));
    }),
    { numRuns: 1_000 },
  );
  expect(released).toBeGreaterThan(100);
});

let ledger: TestDatabase;
let restored: TestDatabase;
beforeAll(async () => {
  [ledger, restored] = await Promise.all([
    openTestDatabase(messagingMigrations, auditMigrations, accountSchema),
    openTestDatabase(messagingMigrations, auditMigrations, accountSchema),
  ]);
});
afterAll(() => Promise.all([ledger.close(), restored.close()]));

/** Resets the tables to the book of {@link newState}. */
async function startOver(pool: Pool): Promise<void> {
  await pool.query(
    `TRUNCATE account, hold, journal_entry, journal_line, mandate, mandate_usage, used_evidence, wish, inbox`,
  );
  for (const { accountId, ownerId, currency, postedMinor } of newState().book.accounts.values()) {
    const opened = { accountId, ownerId, kind: 'customer', currency, openedAt: new Date(0) } as const;
    await accountStore(pool).insert([opened]);
    await pool.query('UPDATE account SET posted_minor = $2 WHERE account_id = $1', [accountId, postedMinor]);
  }
  await transaction(pool, (tx) => mandateStore(tx).insert(mandate));
}

async function usageIn(pool: Pool): Promise<Record<string, bigint>> {
  const { rows } = await pool.query<{ key: string; used: bigint }>(
    `SELECT mandate_id || ' ' || period AS key, used_minor AS used FROM mandate_usage`,
  );
  return notZero(rows.map(({ key, used }) => [key, used]));
}

/** Carries a history out in Postgres. @returns its events */
async function carriedOut(made: readonly Step[]): Promise<OpenedMessage[]> {
  const events: OpenedMessage[] = [];
  for (const { request, nowMs } of historyOf(made)) {
    const send: Send = (definition, data) => {
      const jti = firstJtiAt(nowMs).slice(0, -12) + events.length.toString(16).padStart(12, '0');
      events.push({
        definition: definition as unknown as MessageDefinition,
        data: z.decode(definition.data, z.encode(definition.data, data) as never),
        claims: { iss: 'account', jti, iat: Math.floor(nowMs / 1_000) } as OpenedMessage['claims'],
        kid: '',
        rememberUntilS: 0,
        jws: '',
      });
    };
    await transaction(ledger.pool, async (tx) => {
      const store = ledgerStore(tx);
      carryOut(store, send, await store.load([request], nowMs), [request], nowMs);
    });
  }
  return events;
}

test('a mandate has the same spending in Postgres, and in a database that was restored and replayed', async () => {
  const { rank, apply } = replay(Date.now, silent);
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(3), async (made, chunk) => {
      await Promise.all([startOver(ledger.pool), startOver(restored.pool)]);
      const events = (await carriedOut(made)).toSorted(
        (a, b) => rank!(a) - rank!(b) || (a.claims.jti < b.claims.jti ? -1 : 1),
      );
      const usage = notZero(decided(made).state.usage);
      expect(await usageIn(ledger.pool)).toEqual(usage);
      for (let at = 0; at < events.length; at += chunk + 1)
        await transaction(restored.pool, (tx) => apply(events.slice(at, at + chunk + 1), tx));
      expect(await usageIn(restored.pool)).toEqual(usage);
    }),
    { numRuns: 40 },
  );
}, 120_000);

test('events of the previous release count when their batch was posted', async () => {
  const made: Step[] = [
    { kind: 'hold', payment: 0, amountMinor: 400n, final: false, afterMs: 0 },
    { kind: 'post', payment: 0, amountMinor: 150n, final: true, afterMs: 86_400_000 },
  ];
  await Promise.all([startOver(ledger.pool), startOver(restored.pool)]);
  const events = await carriedOut(made);
  expect(events.map(({ definition }) => definition.type)).toContain(messages.holdEnded.type);
  for (const { data } of events) delete (data as { countedAt?: string }).countedAt;
  await transaction(restored.pool, (tx) => replay(Date.now, silent).apply(events, tx));
  expect(await usageIn(restored.pool)).toEqual({
    [`${mandate.mandateId} 2026-10-30`]: 150n,
    [`${mandate.mandateId} 2026-10`]: 150n,
  });
});
