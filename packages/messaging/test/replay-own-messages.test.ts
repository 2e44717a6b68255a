import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { firstJtiAt, messages, newId, newJti } from '@tallystick/contracts';
import { CLOCK_SKEW_MAX_MS } from '@tallystick/postgres';
import type { OpenedMessage } from '@tallystick/security';

import type { Messaging, Replay } from '../src/index.ts';
import { unpackRecords } from '../src/publish/packed-records.ts';
import type { OutgoingRecord } from '../src/publish/record.ts';
import { eventually } from './eventually.ts';
import { authorizedOf, eventTopic, startWorld, type World } from './world.ts';

let world: World;
let messaging: Messaging;
beforeAll(async () => {
  world = await startWorld();
  messaging = await world.connect();
  await world.pool.query('CREATE TABLE recalled (payment_id text)');
});
afterAll(async () => {
  await messaging.stop();
  await world.stop();
});

/** Sends an event in a transaction of its own. @returns the payment that it tells of */
async function tell(): Promise<string> {
  const paymentId = newId('pay');
  await messaging.outbox.transaction(async (_tx, send) => {
    send(messages.paymentAuthorized, authorizedOf(paymentId));
  });
  return paymentId;
}

async function published(): Promise<void> {
  await eventually(async () => {
    const { rows } = await world.pool.query('SELECT 1 FROM outbox WHERE published_at IS NULL');
    return rows.length === 0;
  });
}

/** Starts the service anew after work on its database. */
async function startAnew(work: () => Promise<unknown>): Promise<void> {
  await messaging.stop();
  await work();
  messaging = await world.connect();
}

/** Takes the database back to when it knew of nothing after `rowsKept` of the outbox. */
async function forget(rowsKept: number): Promise<void> {
  await world.pool.query('DELETE FROM outbox WHERE id NOT IN (SELECT id FROM outbox ORDER BY id LIMIT $1)', [
    rowsKept,
  ]);
}

/** … while the service does not run. */
const setBack = (rowsKept: number): Promise<void> => startAnew(() => forget(rowsKept));

const rowCount = async (): Promise<number> =>
  Number((await world.pool.query<{ count: bigint }>('SELECT count(*) FROM outbox')).rows[0]!.count);

async function keepRow(id: string): Promise<void> {
  await world.pool.query('INSERT INTO outbox (id, records, published_at) VALUES ($1, $2, now())', [id, '']);
}

/** What the outbox keeps behind its first rows. */
async function recordsSince(rows: number): Promise<OutgoingRecord[]> {
  const found = await world.pool.query<{ records: Buffer }>(
    'SELECT records FROM outbox ORDER BY id OFFSET $1',
    [rows],
  );
  return found.rows.flatMap(({ records }) => unpackRecords(records));
}

/** What anybody may write who knows of a message. */
function forged(jti: string): Buffer {
  const claims = { iss: 'payment', jti, type: messages.paymentAuthorized.type };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return Buffer.from(`${part({ alg: 'EdDSA' })}.${part(claims)}.c2lnbmF0dXJl`);
}

/** Recalls, and keeps what it got. */
async function recalled(fault?: Error, rank?: Replay['rank']): Promise<string[]> {
  const got: string[] = [];
  await messaging.replay({
    topics: [eventTopic],
    ...(rank === undefined ? {} : { rank }),
    async apply(own: readonly OpenedMessage[], tx) {
      for (const { claims } of own) await tx.query('INSERT INTO recalled VALUES ($1)', [claims.sub]);
      if (fault !== undefined) throw fault;
      got.push(...own.map(({ claims }) => claims.sub));
    },
  });
  return got;
}

describe('what a service published and its database does not know of', () => {
  let told: string[];
  let rowsBefore: number;
  beforeEach(async () => {
    await published();
    rowsBefore = await rowCount();
    told = [await tell(), await tell(), await tell()];
    await published();
  });

  test('is recalled in the order in which it was sealed, once', async () => {
    await setBack(rowsBefore + 1);
    expect(await recalled()).toEqual(told.slice(1));
    expect(await recalled()).toEqual([]);
  });

  test('is recalled in the order that the service asks for, before the one in which it was sealed', async () => {
    await setBack(rowsBefore);
    const last = told[2];
    expect(await recalled(undefined, ({ claims }) => (claims.sub === last ? 0 : 1))).toEqual([
      last,
      ...told.slice(0, 2),
    ]);
    expect(await recalled()).toEqual([]);
  });

  test('is nothing where the database was not set back', async () => {
    expect(await recalled()).toEqual([]);
  });

  test('is recalled at the next start where the first was cut short, whatever was sent meanwhile', async () => {
    await setBack(rowsBefore);
    const fault = new Error('cut short');
    await expect(recalled(fault)).rejects.toBe(fault);
    const later = await tell();
    await published();
    expect(await recalled()).toEqual(told);
    expect(await recalled()).not.toContain(later);
  });

  describe('and is more than is held at once', () => {
    /** Recalls one message a transaction. @param most after so many a transaction fails */
    async function recalledOneByOne(most: number, rank?: Replay['rank']): Promise<string[]> {
      const got: string[] = [];
      const replay: Replay = {
        topics: [eventTopic],
        chunkSize: { messages: 1, bytes: 1 },
        ...(rank === undefined ? {} : { rank }),
        apply: async (own) => {
          expect(own.length).toBeLessThanOrEqual(1);
          if (got.length === most) throw new Error('cut short');
          got.push(...own.map(({ claims }) => claims.sub));
        },
      };
      await messaging.replay(replay).catch(() => {});
      return got;
    }

    test('is recalled in its order all the same, first what is read last', async () => {
      await setBack(rowsBefore);
      const last = told[2];
      expect(await recalledOneByOne(3, ({ claims }) => (claims.sub === last ? 0 : 1))).toEqual([
        last,
        ...told.slice(0, 2),
      ]);
      expect(await recalled()).toEqual([]);
    });

    test('is ordered by ranks as large as times in milliseconds', async () => {
      await setBack(rowsBefore);
      const ranks = new Map(told.map((paymentId, at) => [paymentId, Number.MAX_SAFE_INTEGER - at]));
      expect(await recalledOneByOne(3, ({ claims }) => ranks.get(claims.sub)!)).toEqual(told.toReversed());
    });

    test('is ranked anew where another release noted it before', async () => {
      await setBack(rowsBefore);
      expect(await recalledOneByOne(0, () => 1)).toEqual([]);
      const last = told[2];
      expect(await recalledOneByOne(3, ({ claims }) => (claims.sub === last ? 0 : 1))).toEqual([
        last,
        ...told.slice(0, 2),
      ]);
    });

    describe('where a check constraint refuses a part of it', () => {
      /** Recalls from one message a transaction on, into a table that takes no balance below zero. */
      const recalledInto = async (changes: Record<string, bigint>): Promise<string[][]> => {
        const got: string[][] = [];
        const { pool } = world;
        await pool.query('DROP TABLE IF EXISTS balance');
        await pool.query('CREATE TABLE balance (minor bigint CHECK (minor >= 0))');
        await pool.query('INSERT INTO balance VALUES (0)');
        const replay: Replay = {
          topics: [eventTopic],
          chunkSize: { messages: 1, bytes: 1 },
          apply: async (own, tx) => {
            const change = own.reduce((sum, { claims }) => sum + changes[claims.sub]!, 0n);
            tx.write({ text: 'UPDATE balance SET minor = minor + $1', values: [change] });
            got.push(own.map(({ claims }) => claims.sub));
          },
        };
        await messaging.replay(replay);
        return got;
      };
      const [first, second, third] = [0, 1, 2];

      test('is recalled in larger parts, until the constraint holds', async () => {
        await setBack(rowsBefore);
        const got = await recalledInto({ [told[first]!]: -5n, [told[second]!]: 5n, [told[third]!]: 1n });
        // Bytes are doubled too: how many messages they come to first does not matter.
        expect(got.at(-1)).toEqual(expect.arrayContaining([told[third]]));
        expect(new Set(got.flat())).toEqual(new Set(told));
        const { rows } = await world.pool.query('SELECT minor FROM balance');
        expect(rows).toEqual([{ minor: 1n }]);
      });

      test('fails where all of it violates the constraint, and is still there', async () => {
        await setBack(rowsBefore);
        const changes = { [told[first]!]: -5n, [told[second]!]: 1n, [told[third]!]: 1n };
        await expect(recalledInto(changes)).rejects.toMatchObject({ code: '23514' });
        expect(await recalled()).toEqual(told);
      });
    });

    test('is recalled once where that was cut short in the middle', async () => {
      await setBack(rowsBefore);
      expect(await recalledOneByOne(1)).toEqual(told.slice(0, 1));
      expect(await recalled()).toEqual(told.slice(1));
      const { rows } = await world.pool.query(
        'SELECT 1 FROM replay_message UNION ALL SELECT 1 FROM replay_under_way',
      );
      expect(rows).toEqual([]);
    });

    test('is recalled once by replicas that start at once', async () => {
      await setBack(rowsBefore);
      const got = await Promise.all([recalledOneByOne(3), recalledOneByOne(3)]);
      expect(got.flat().toSorted()).toEqual(told.toSorted());
    });
  });

  test('does not hold what somebody else wrote under its name', async () => {
    const topic = world.topicPrefix + eventTopic;
    const jti = newJti();
    const value = forged(jti);
    await world.publisher.publish([{ id: jti, topic, key: Buffer.from('x'), value, headers: {} }]);
    expect(await recalled()).toEqual([]);
  });

  test('is recalled where the newest row is of a replica whose clock is ahead', async () => {
    const ahead = firstJtiAt(Date.now() + 2 * CLOCK_SKEW_MAX_MS);
    await startAnew(async () => {
      await forget(rowsBefore);
      await keepRow(ahead);
    });
    expect(await recalled()).toEqual(told);
    await startAnew(() => world.pool.query('DELETE FROM outbox WHERE id = $1', [ahead]));
  });

  test('is recalled where somebody else wrote the same id under its name before', async () => {
    const records = await recordsSince(rowsBefore);
    await setBack(rowsBefore);
    await world.loseTopic(eventTopic);
    await world.publisher.publish(
      records.flatMap((record) => [{ ...record, value: forged(record.id) }, record]),
    );
    expect(await recalled()).toEqual(told);
  });

  test('is not what it said long before, which somebody else wrote there again', async () => {
    const [record] = await recordsSince(rowsBefore);
    const later = Date.now() + 600_000;
    await startAnew(async () => {
      await world.pool.query('DELETE FROM outbox WHERE record_ids @> ARRAY[$1::uuid]', [record!.id]);
      await keepRow(firstJtiAt(later));
    });
    const producer = world.kafka.producer();
    await producer.connect();
    const { topic, key, value } = record!;
    await producer.send({ topic, messages: [{ key, value, timestamp: String(later) }] });
    await producer.disconnect();
    expect(await recalled()).toEqual([]);
    await startAnew(() => world.pool.query('DELETE FROM outbox WHERE id = $1', [firstJtiAt(later)]));
  });
});
