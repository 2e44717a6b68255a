import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { firstJtiAt, messages, newId, newJti } from '@tallystick/contracts';
import { CLOCK_SKEW_MAX_MS } from '@tallystick/postgres';
import type { OpenedMessage } from '@tallystick/security';

import type { Messaging, Replay } from '../src/index.ts';
import { unpackRecords } from '../src/publish/packed-records.ts';
import type { OutgoingRecord } from '../src/publish/record.ts';
import { eventually } from './eventually.ts';
import { authorizedOf, eventTopic, startWorld, toAcme, type World } from './world.ts';

let world: World;
let messaging: Messaging;
beforeAll(async () => {
  world = await startWorld();
  messaging = await world.connect();
  await world.pool.query('CREATE TABLE replayed (payment_id text)');
});
afterAll(async () => {
  await messaging.stop();
  await world.stop();
});

/** Sends an event in a separate transaction. @returns the id of its payment */
async function sendEvent(): Promise<string> {
  const paymentId = newId('pay');
  await messaging.outbox.transaction(async (_tx, send) => {
    send(messages.paymentAuthorized, authorizedOf(paymentId), toAcme);
  });
  return paymentId;
}

async function published(): Promise<void> {
  await eventually(async () => {
    const { rows } = await world.pool.query('SELECT 1 FROM outbox WHERE published_at IS NULL');
    return rows.length === 0;
  });
}

/** Restarts the service after work on its database. */
async function restartAfter(work: () => Promise<unknown>): Promise<void> {
  await messaging.stop();
  await work();
  messaging = await world.connect();
}

/** Restores the database to a point at which the outbox had `rowsKept` rows. */
async function deleteRowsAfter(rowsKept: number): Promise<void> {
  await world.pool.query('DELETE FROM outbox WHERE id NOT IN (SELECT id FROM outbox ORDER BY id LIMIT $1)', [
    rowsKept,
  ]);
}

/** Rewinds the database while the service is stopped. */
const rewind = (rowsKept: number): Promise<void> => restartAfter(() => deleteRowsAfter(rowsKept));

const rowCount = async (): Promise<number> =>
  Number((await world.pool.query<{ count: bigint }>('SELECT count(*) FROM outbox')).rows[0]!.count);

async function keepRow(id: string): Promise<void> {
  await world.pool.query('INSERT INTO outbox (id, records, published_at) VALUES ($1, $2, now())', [id, '']);
}

/** Returns the records of the outbox after its first rows. */
async function recordsSince(rows: number): Promise<OutgoingRecord[]> {
  const found = await world.pool.query<{ records: Buffer }>(
    'SELECT records FROM outbox ORDER BY id OFFSET $1',
    [rows],
  );
  return found.rows.flatMap(({ records }) => unpackRecords(records));
}

/** Returns a forged message, as anyone can write who knows the id of a message. */
function forged(jti: string): Buffer {
  const claims = { iss: 'payment', jti, type: messages.paymentAuthorized.type };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return Buffer.from(`${part({ alg: 'EdDSA' })}.${part(claims)}.c2lnbmF0dXJl`);
}

/** Replays messages, and returns their payments. */
async function replayed(fault?: Error, rank?: Replay['rank']): Promise<string[]> {
  const got: string[] = [];
  await messaging.replay({
    topics: [eventTopic],
    ...(rank === undefined ? {} : { rank }),
    async apply(own: readonly OpenedMessage[], tx) {
      for (const { claims } of own) await tx.query('INSERT INTO replayed VALUES ($1)', [claims.sub]);
      if (fault !== undefined) throw fault;
      got.push(...own.map(({ claims }) => claims.sub));
    },
  });
  return got;
}

describe('published messages that the database does not know', () => {
  let sent: string[];
  let rowsBefore: number;
  beforeEach(async () => {
    await published();
    rowsBefore = await rowCount();
    sent = [await sendEvent(), await sendEvent(), await sendEvent()];
    await published();
  });

  test('are replayed once, in the order of their sealing', async () => {
    await rewind(rowsBefore + 1);
    expect(await replayed()).toEqual(sent.slice(1));
    expect(await replayed()).toEqual([]);
  });

  test('are replayed by rank first, then in the order of their sealing', async () => {
    await rewind(rowsBefore);
    const last = sent[2];
    expect(await replayed(undefined, ({ claims }) => (claims.sub === last ? 0 : 1))).toEqual([
      last,
      ...sent.slice(0, 2),
    ]);
    expect(await replayed()).toEqual([]);
  });

  test('do not exist if the database was not restored', async () => {
    expect(await replayed()).toEqual([]);
  });

  test('are replayed at the next start if the first was interrupted, even after later messages', async () => {
    await rewind(rowsBefore);
    const fault = new Error('cut short');
    await expect(replayed(fault)).rejects.toBe(fault);
    const later = await sendEvent();
    await published();
    expect(await replayed()).toEqual(sent);
    expect(await replayed()).not.toContain(later);
  });

  describe('in more than one chunk', () => {
    /** Replays one message per transaction. @param most number of transactions before one fails */
    async function replayOneByOne(most: number, rank?: Replay['rank']): Promise<string[]> {
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

    test('are replayed by rank, even if the lowest rank is read last', async () => {
      await rewind(rowsBefore);
      const last = sent[2];
      expect(await replayOneByOne(3, ({ claims }) => (claims.sub === last ? 0 : 1))).toEqual([
        last,
        ...sent.slice(0, 2),
      ]);
      expect(await replayed()).toEqual([]);
    });

    test('are ordered by ranks as large as times in milliseconds', async () => {
      await rewind(rowsBefore);
      const ranks = new Map(sent.map((paymentId, at) => [paymentId, Number.MAX_SAFE_INTEGER - at]));
      expect(await replayOneByOne(3, ({ claims }) => ranks.get(claims.sub)!)).toEqual(sent.toReversed());
    });

    test('are ranked again if another release has stored them', async () => {
      await rewind(rowsBefore);
      expect(await replayOneByOne(0, () => 1)).toEqual([]);
      const last = sent[2];
      expect(await replayOneByOne(3, ({ claims }) => (claims.sub === last ? 0 : 1))).toEqual([
        last,
        ...sent.slice(0, 2),
      ]);
    });

    describe('with a check constraint that refuses a chunk', () => {
      /** Replays from chunks of one message on, into a table that accepts no balance below zero. */
      const replayInto = async (changes: Record<string, bigint>): Promise<string[][]> => {
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

      test('are replayed in larger chunks until the constraint holds', async () => {
        await rewind(rowsBefore);
        const got = await replayInto({ [sent[first]!]: -5n, [sent[second]!]: 5n, [sent[third]!]: 1n });
        // Bytes are doubled too: the initial number of messages does not matter.
        expect(got.at(-1)).toEqual(expect.arrayContaining([sent[third]]));
        expect(new Set(got.flat())).toEqual(new Set(sent));
        const { rows } = await world.pool.query('SELECT minor FROM balance');
        expect(rows).toEqual([{ minor: 1n }]);
      });

      test('fail if all of them violate the constraint, and remain stored', async () => {
        await rewind(rowsBefore);
        const changes = { [sent[first]!]: -5n, [sent[second]!]: 1n, [sent[third]!]: 1n };
        await expect(replayInto(changes)).rejects.toMatchObject({ code: '23514' });
        expect(await replayed()).toEqual(sent);
      });
    });

    test('are replayed once after an interruption', async () => {
      await rewind(rowsBefore);
      expect(await replayOneByOne(1)).toEqual(sent.slice(0, 1));
      expect(await replayed()).toEqual(sent.slice(1));
      const { rows } = await world.pool.query(
        'SELECT 1 FROM replay_message UNION ALL SELECT 1 FROM replay_under_way',
      );
      expect(rows).toEqual([]);
    });

    test('are replayed once by replicas that start at the same time', async () => {
      await rewind(rowsBefore);
      const got = await Promise.all([replayOneByOne(3), replayOneByOne(3)]);
      expect(got.flat().toSorted()).toEqual(sent.toSorted());
    });
  });

  test('exclude forged messages under its name', async () => {
    const topic = world.topicPrefix + eventTopic;
    const jti = newJti();
    const value = forged(jti);
    await world.publisher.publish([{ id: jti, topic, key: Buffer.from('x'), value, headers: {} }]);
    expect(await replayed()).toEqual([]);
  });

  test('are replayed if the newest row is of a replica whose clock is ahead', async () => {
    const ahead = firstJtiAt(Date.now() + 2 * CLOCK_SKEW_MAX_MS);
    await restartAfter(async () => {
      await deleteRowsAfter(rowsBefore);
      await keepRow(ahead);
    });
    expect(await replayed()).toEqual(sent);
    await restartAfter(() => world.pool.query('DELETE FROM outbox WHERE id = $1', [ahead]));
  });

  test('are replayed if a forged message has the same id', async () => {
    const records = await recordsSince(rowsBefore);
    await rewind(rowsBefore);
    await world.loseTopic(eventTopic);
    await world.publisher.publish(
      records.flatMap((record) => [{ ...record, value: forged(record.id) }, record]),
    );
    expect(await replayed()).toEqual(sent);
  });

  test('exclude old messages that were copied to the topic again', async () => {
    const [record] = await recordsSince(rowsBefore);
    const later = Date.now() + 600_000;
    await restartAfter(async () => {
      await world.pool.query('DELETE FROM outbox WHERE record_ids @> ARRAY[$1::uuid]', [record!.id]);
      await keepRow(firstJtiAt(later));
    });
    const producer = world.kafka.producer();
    await producer.connect();
    const { topic, key, value } = record!;
    await producer.send({ topic, messages: [{ key, value, timestamp: String(later) }] });
    await producer.disconnect();
    expect(await replayed()).toEqual([]);
    await restartAfter(() => world.pool.query('DELETE FROM outbox WHERE id = $1', [firstJtiAt(later)]));
  });
});
