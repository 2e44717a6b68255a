import { randomUUID } from 'node:crypto';

import { ROOT_CONTEXT } from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { auditMigrations } from '@tallystick/audit';
import { CodedError, newId, operations } from '@tallystick/contracts';
import { transaction, type Transaction } from '@tallystick/postgres';
import { openTestDatabase, type TestDatabase } from '@tallystick/postgres/testing';
import { createLogger } from '@tallystick/telemetry';

import { edgeMigrations } from '../src/index.ts';
import { requestDigest } from '../src/idempotency.ts';
import type { PendingWrite, WriteOutcome, WriteRoute } from '../src/write-batch.ts';
import { WriteQueue } from '../src/write-queue.ts';

const { transferPost } = operations;
/** Amounts that the handler refuses, and that fail its transaction. */
const REFUSED = 13n;
const BREAKS = 666n;
/** An amount whose handler waits for another transaction's lock. */
const WAITS = 999n;

let database: TestDatabase;
let queue: WriteQueue<undefined>;
/** Number of requests in each call of the handler. */
let calls: number[] = [];
/** Number of started transactions. */
let transactions = 0;
/** The error with which the next transaction fails, before its commit. */
let nextFault: Error | undefined;

beforeAll(async () => {
  database = await openTestDatabase(edgeMigrations, auditMigrations);
  await database.pool.query(
    'CREATE TABLE moved (transfer_id text, amount bigint, xact text); CREATE TABLE coveted ()',
  );
  queue = new WriteQueue<undefined>({
    transact: (work) => {
      transactions += 1;
      const fault = nextFault;
      nextFault = undefined;
      return transaction(database.pool, async (tx) => {
        const result = await work(tx, undefined);
        if (fault !== undefined) throw fault;
        return result;
      });
    },
    logger: createLogger({ service: 'test', level: 'silent', confidentialFields: [] }),
  });
});
afterAll(() => database.close());
beforeEach(() => {
  calls = [];
  transactions = 0;
});

const route: WriteRoute<undefined> = { operation: transferPost as never, replyKeys: undefined, handle: move };

async function move(requests: readonly { body: unknown }[], tx: Transaction) {
  calls.push(requests.length);
  const bodies = requests.map(({ body }) => body as { amountMinor: bigint });
  const moved = bodies.map((body) => ({ transferId: newId('trf'), ...body }));
  const kept = moved.filter(({ amountMinor }) => amountMinor !== REFUSED);
  if (kept.some(({ amountMinor }) => amountMinor === WAITS)) await tx.query('LOCK TABLE coveted');
  await tx.query(
    `INSERT INTO moved SELECT id, amount / (CASE WHEN amount = ${BREAKS} THEN 0 ELSE 1 END), pg_current_xact_id()::text
     FROM unnest($1::text[], $2::bigint[]) AS t (id, amount)`,
    [kept.map(({ transferId }) => transferId), kept.map(({ amountMinor }) => amountMinor)],
  );
  return moved.map((body) =>
    body.amountMinor === REFUSED
      ? new CodedError('ledger.insufficient_funds')
      : { body: { ...body, postedAt: '2026-11-24T12:00:00Z' } },
  );
}

let amounts = 1_000n;
interface Asked {
  amountMinor: bigint;
  key: string;
  jti: string;
}
const transfer = (changes: Partial<Asked> = {}): Asked => {
  amounts += 1n;
  return { amountMinor: amounts, key: randomUUID(), jti: randomUUID(), ...changes };
};

function ask({ amountMinor, key, jti }: Asked): Promise<WriteOutcome> {
  const body = {
    debitAccountId: newId('acc'),
    creditAccountId: newId('acc'),
    amountMinor,
    currency: 'EUR' as const,
  };
  const proof = {
    jti,
    keyThumbprint: 'wallet',
    issuedAtS: Math.floor(Date.now() / 1000),
    method: 'POST',
    url: '',
  };
  const write: PendingWrite<undefined> = {
    route,
    idempotent: {
      subject: 'usr_1',
      key,
      digest: requestDigest('POST', '/v1/transfers', String(amountMinor)),
    },
    request: {
      params: {},
      query: {},
      body,
      subject: 'usr_1',
      waitMs: 0,
      version: 1,
      caller: {
        token: { subject: 'usr_1', clientId: 'wallet' } as never,
        tokenText: '',
        proof,
        proofText: '',
      },
      evidence: () => {
        throw new Error('nobody asks for it');
      },
      traceContext: ROOT_CONTEXT,
    },
  };
  return queue.carryOut(write);
}

/** Returns the kinds of outcomes, with the code of refused or failed ones. */
async function outcomesOf(asked: readonly Asked[]): Promise<string[]> {
  const settled = await Promise.allSettled(asked.map(ask));
  return settled.map((one) => {
    if (one.status === 'rejected') return `failed: ${(one.reason as { code?: string }).code}`;
    return one.value.kind === 'refused' ? one.value.error.code : one.value.kind;
  });
}

const timesMoved = async ({ amountMinor }: Asked): Promise<number> =>
  (await database.pool.query('SELECT 1 FROM moved WHERE amount = $1', [amountMinor])).rows.length;

describe('requests that wait at the same time', () => {
  test('share one transaction and get separate answers', async () => {
    const asked = Array.from({ length: 20 }, () => transfer());
    const outcomes = await Promise.all(asked.map(ask));
    const answered = outcomes.map((outcome) =>
      outcome.kind === 'new' ? (JSON.parse(outcome.encoded.body) as { amountMinor: number }).amountMinor : 0,
    );
    expect(answered).toEqual(asked.map(({ amountMinor }) => Number(amountMinor)));
    expect({ transactions, calls }).toEqual({ transactions: 1, calls: [20] });
    const { rows } = await database.pool.query(
      'SELECT DISTINCT xact FROM moved WHERE amount = ANY($1::bigint[])',
      [asked.map(({ amountMinor }) => amountMinor)],
    );
    expect(rows).toHaveLength(1);
  });

  test('do not wait for a timer: a lone one goes in the next turn of the event loop', async () => {
    const answered = ask(transfer());
    await new Promise((next) => setImmediate(next));
    expect(transactions).toBe(1);
    expect(await answered).toMatchObject({ kind: 'new' });
  });

  test('do not exceed the maximum number in one transaction', async () => {
    const asked = Array.from({ length: 450 }, () => transfer());
    expect(new Set(await outcomesOf(asked))).toEqual(new Set(['new']));
    expect(calls.toSorted((a, b) => b - a)).toEqual([200, 200, 50]);
  });

  test('are not affected by a refused one, which uses up neither its key nor its proof', async () => {
    const [first, refused, last] = [transfer(), transfer({ amountMinor: REFUSED }), transfer()];
    expect(await outcomesOf([first, refused, last])).toEqual(['new', 'ledger.insufficient_funds', 'new']);
    expect(transactions).toBe(1);
    expect(await outcomesOf([{ ...refused, amountMinor: 77n }])).toEqual(['new']);
    expect(await outcomesOf([{ ...first, jti: randomUUID() }])).toEqual(['replayed']);
  });

  test('with the same key: one is carried out, the other is refused as in progress', async () => {
    const asked = transfer();
    const twin = { ...asked, jti: randomUUID() };
    expect(await outcomesOf([asked, twin])).toEqual(['new', 'idempotency.in_progress']);
    expect(await timesMoved(asked)).toBe(1);
    expect(await outcomesOf([twin])).toEqual(['replayed']);
  });

  test('with the same proof: one is accepted', async () => {
    const asked = transfer();
    const other = transfer({ jti: asked.jti });
    expect(await outcomesOf([asked, other])).toEqual(['new', 'dpop.replayed']);
    expect(await timesMoved(other)).toBe(0);
    expect(await outcomesOf([{ ...other, jti: randomUUID() }])).toEqual(['new']);
  });

  test('may use the key of a request whose proof was already used', async () => {
    const { jti } = transfer();
    await outcomesOf([transfer({ jti })]);
    const asked = transfer();
    expect(await outcomesOf([{ ...asked, jti }, asked])).toEqual(['dpop.replayed', 'new']);
  });

  test('are refused with the key of another body, and their proof stays free', async () => {
    const asked = transfer();
    await outcomesOf([asked]);
    const other = transfer({ key: asked.key });
    expect(await outcomesOf([other])).toEqual(['idempotency.key_reused']);
    expect(await outcomesOf([{ ...other, key: randomUUID() }])).toEqual(['new']);
  });
});

describe('a failed transaction', () => {
  test('fails only the request that caused the failure', async () => {
    const good = [transfer(), transfer()];
    const asked = [good[0]!, transfer({ amountMinor: BREAKS }), good[1]!];
    expect(await outcomesOf(asked)).toEqual(['new', 'failed: 22012', 'new']);
    expect(calls).toEqual([3, 1, 1, 1]);
    expect(await Promise.all(good.map(timesMoved))).toEqual([1, 1]);
  });

  test('fails all requests without a retry if the fault is transient', async () => {
    const asked = [transfer(), transfer()];
    nextFault = Object.assign(new Error('terminating connection'), { code: '57P01' });
    expect(await outcomesOf(asked)).toEqual(['failed: 57P01', 'failed: 57P01']);
    expect(calls).toEqual([2]);
    expect(await outcomesOf(asked)).toEqual(['new', 'new']);
  });

  test('fails only the request that waits for a foreign lock, after 2 s', async () => {
    const asked = [transfer(), transfer({ amountMinor: WAITS }), transfer()];
    const outcomes = await transaction(database.pool, async (tx) => {
      await tx.query('LOCK TABLE coveted');
      return outcomesOf(asked);
    });
    expect(outcomes).toEqual(['new', 'failed: 55P03', 'new']);
    expect(await outcomesOf([asked[1]!])).toEqual(['new']);
  });

  test('retries its requests alone after a deadlock, because nothing was committed', async () => {
    const asked = [transfer(), transfer()];
    nextFault = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    expect(await outcomesOf(asked)).toEqual(['new', 'new']);
    expect(calls).toEqual([2, 1, 1]);
    expect(await Promise.all(asked.map(timesMoved))).toEqual([1, 1]);
  });
});
