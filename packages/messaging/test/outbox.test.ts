import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { firstJtiAt, jtiTimeMs, messages, newId, newJti } from '@tallystick/contracts';
import { createPool } from '@tallystick/postgres';
import { open } from '@tallystick/security';

import { Outbox, Publisher, RewoundDatabaseError, type Messaging } from '../src/index.ts';
import type { OutboxOptions } from '../src/publish/outbox.ts';
import { eventually } from './eventually.ts';
import { readTopic, type TopicReader } from './read-topic.ts';
import { authorizedOf, eventTopic, newKey, startWorld, toAcme, type World } from './world.ts';

let world: World;
let messaging: Messaging;
let events: TopicReader;
beforeAll(async () => {
  world = await startWorld();
  await world.pool.query('CREATE TABLE state (payment_id text)');
  messaging = await world.connect();
  events = await readTopic(world.kafka, world.topicPrefix + eventTopic);
});
afterAll(async () => {
  await events.stop();
  await messaging.stop();
  await world.stop();
});

/** Changes the state and sends the event that reports the change. */
const change = (outbox: Outbox, paymentId: string, fault?: Error) =>
  outbox.transaction(async (tx, send) => {
    await tx.query('INSERT INTO state VALUES ($1)', [paymentId]);
    send(messages.paymentAuthorized, authorizedOf(paymentId), toAcme);
    if (fault !== undefined) throw fault;
    return 'done';
  });

const sentFor = (paymentId: string) => events.messages.filter(({ key }) => key?.toString() === paymentId);
const count = async (sql: string, ...values: string[]): Promise<number> =>
  Number((await world.pool.query<{ count: bigint }>(sql, values)).rows[0]?.count);
const waiting = () => count('SELECT count(*) FROM outbox WHERE published_at IS NULL');

/** Returns options of the same service with an unreachable broker. */
async function partsWithoutBroker(): Promise<OutboxOptions> {
  const signingKey = await newKey();
  const publisher = await Publisher.connect(world.kafka);
  await publisher.disconnect();
  return {
    pool: world.pool,
    publisher,
    issuer: 'payment',
    signingKey: () => signingKey,
    keyring: messaging.keyring,
    topicPrefix: world.topicPrefix,
    logger: world.logger,
    keptS: 3_600,
    nowMs: Date.now,
  };
}

describe('a state change and its message', () => {
  test('commit together: the sealed message arrives, and the outbox is empty again', async () => {
    const paymentId = newId('pay');
    expect(await change(messaging.outbox, paymentId)).toBe('done');
    const [record] = await eventually(() => sentFor(paymentId).length > 0 && sentFor(paymentId));
    const result = await open(
      { topic: world.topicPrefix + eventTopic, key: paymentId, value: record?.value ?? null },
      { keyring: messaging.keyring, nowMs: Date.now(), topicPrefix: world.topicPrefix },
    );
    expect(result).toMatchObject({ ok: true, message: { claims: { iss: 'payment', sub: paymentId } } });
    expect(record?.headers?.['ce_type']?.toString()).toBe(messages.paymentAuthorized.type);
    await eventually(async () => (await waiting()) === 0);
  });

  test('roll back together: no change and no message remain', async () => {
    const undone = newId('pay');
    const fault = new Error('the handler failed');
    await expect(change(messaging.outbox, undone, fault)).rejects.toBe(fault);
    expect(await count('SELECT count(*) FROM state WHERE payment_id = $1', undone)).toBe(0);
    expect(await waiting()).toBe(0);
    const later = newId('pay');
    await change(messaging.outbox, later);
    await eventually(() => sentFor(later).length > 0);
    expect(sentFor(undone)).toEqual([]);
  });

  test('roll back together if a message violates its definition', async () => {
    const wrong = newId('pay');
    const work = messaging.outbox.transaction(async (tx, send) => {
      await tx.query('INSERT INTO state VALUES ($1)', [wrong]);
      send(messages.paymentAuthorized, { ...authorizedOf(wrong), amountMinor: 0n }, toAcme);
    });
    await expect(work).rejects.toThrow();
    expect(await count('SELECT count(*) FROM state WHERE payment_id = $1', wrong)).toBe(0);
  });
});

describe('a committed but unconfirmed message', () => {
  test('is published by the relay of another replica', async () => {
    // Published rows are marked by the next transaction, or within a second.
    await eventually(async () => (await waiting()) === 0);
    const paymentId = newId('pay');
    const crashed = new Outbox(await partsWithoutBroker());
    await change(crashed, paymentId);
    await crashed.stop();
    expect(await waiting()).toBe(1);
    expect(await count('SELECT count(*) FROM state WHERE payment_id = $1', paymentId)).toBe(1);
    // Rows of this age are not owned by any running process.
    await world.pool.query("UPDATE outbox SET created_at = created_at - interval '1 minute'");
    await eventually(() => sentFor(paymentId).length > 0);
    await eventually(async () => (await waiting()) === 0);
  });

  test('does not keep a process without its database from stopping, and is published again', async () => {
    const paymentId = newId('pay');
    const pool = createPool({ url: world.postgresUrl, applicationName: 'ending', planner: 'nested-loops' });
    const ending = new Outbox({ ...(await partsWithoutBroker()), publisher: world.publisher, pool });
    await change(ending, paymentId);
    await eventually(() => sentFor(paymentId).length === 1);
    await pool.end();
    await ending.stop();
    expect(await waiting()).toBe(1);
    await world.pool.query(
      "UPDATE outbox SET created_at = created_at - interval '1 minute' WHERE published_at IS NULL",
    );
    await eventually(() => sentFor(paymentId).length === 2);
    const [first, again] = sentFor(paymentId);
    expect(again?.value?.equals(first!.value!)).toBe(true);
    await eventually(async () => (await waiting()) === 0);
  });

  /** Sends by a process that ends before it publishes, so long ago that the relay owns the row. */
  async function leave(send: (outbox: Outbox) => Promise<unknown>): Promise<void> {
    const crashed = new Outbox(await partsWithoutBroker());
    await send(crashed);
    await crashed.stop();
    await world.pool.query(
      "UPDATE outbox SET created_at = created_at - interval '1 minute' WHERE published_at IS NULL",
    );
  }

  test('is published within seconds, even with many others', async () => {
    const ids = Array.from({ length: 300 }, () => newId('pay'));
    await leave((outbox) => Promise.all(ids.map((id) => change(outbox, id))));
    await eventually(() => {
      const arrived = new Set(events.messages.map(({ key }) => String(key)));
      return ids.every((id) => arrived.has(id));
    }, 5_000);
    await eventually(async () => (await waiting()) === 0);
    expect(ids.map((id) => sentFor(id).length)).toEqual(ids.map(() => 1));
  });

  test('is left to the relay with the lease, together with later messages, until the lease expires', async () => {
    const [leased, next] = [newId('pay'), newId('pay')];
    const other = new Outbox(await partsWithoutBroker());
    await change(other, leased);
    await world.pool.query(
      "UPDATE outbox SET leased_until = now() + interval '1 hour' WHERE published_at IS NULL",
    );
    await leave((outbox) => change(outbox, next));
    const threeTurnsMs = 3_000;
    const until = performance.now() + threeTurnsMs;
    await eventually(() => performance.now() > until);
    expect([...sentFor(leased), ...sentFor(next)]).toEqual([]);
    await world.pool.query('UPDATE outbox SET leased_until = now() WHERE published_at IS NULL');
    await eventually(() => sentFor(leased).length > 0 && sentFor(next).length > 0);
    await eventually(async () => (await waiting()) === 0);
  });

  test('does not delay others if the brokers refuse it, and is published when they accept it', async () => {
    const topic = `${world.topicPrefix}narrow`;
    const limitTo = (bytes: number) => world.configureTopic(topic, 'max.message.bytes', String(bytes));
    await world.withAdmin((admin) =>
      admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] }),
    );
    await limitTo(1_000);
    const tooLarge = { id: newJti(), topic, key: null, value: Buffer.alloc(2_000), headers: {} };
    const paymentId = newId('pay');
    await leave(async (outbox) => {
      await outbox.transaction(() => Promise.resolve(), { extra: () => [tooLarge] });
      await change(outbox, paymentId);
    });
    await eventually(() => sentFor(paymentId).length > 0);
    await eventually(async () => (await waiting()) === 1);
    await limitTo(10_000);
    await world.pool.query('UPDATE outbox SET offered_again_at = NULL WHERE published_at IS NULL');
    await eventually(async () => (await waiting()) === 0);
    const [{ high } = { high: '0' }] = await world.withAdmin((admin) => admin.fetchTopicOffsets(topic));
    expect(Number(high)).toBe(1);
  });
});

describe('a published row', () => {
  test('stays in the outbox for the configured time; the newest row always stays', async () => {
    await eventually(async () => (await waiting()) === 0);
    expect(await count('SELECT count(*) FROM outbox')).toBeGreaterThan(1);
    const forgetful = new Outbox({ ...(await partsWithoutBroker()), keptS: 0 });
    forgetful.start();
    await eventually(async () => (await count('SELECT count(*) FROM outbox')) === 1);
    await forgetful.stop();
  });
});

describe('a service that sends few messages', () => {
  const newest = async (): Promise<string> =>
    (await world.pool.query<{ id: string }>('SELECT id FROM outbox ORDER BY id DESC LIMIT 1')).rows[0]!.id;
  const keepRow = (id: string) =>
    world.pool.query(
      "INSERT INTO outbox (id, records, record_ids, created_at, published_at) VALUES ($1, '', ARRAY[$1::uuid], 'infinity', now())",
      [id],
    );

  test('adds no marker row before it has replayed its own messages', async () => {
    await messaging.stop();
    const anHourAgo = firstJtiAt(Date.now() - 3_600_000);
    await world.pool.query('DELETE FROM outbox');
    await keepRow(firstJtiAt(Date.now() - 7_200_000));
    await keepRow(anHourAgo);
    const waiting = new Outbox({ ...(await partsWithoutBroker()), keptS: 0 });
    waiting.start();
    // The marker would be added right after rows are deleted.
    await eventually(async () => (await count('SELECT count(*) FROM outbox')) === 1);
    await waiting.stop();
    expect(await newest()).toBe(anHourAgo);
    messaging = await world.connect();
  }, 40_000);

  test('adds a marker row from time to time, from which a start begins its search', async () => {
    await messaging.stop();
    const anHourAgo = firstJtiAt(Date.now() - 3_600_000);
    await world.pool.query('DELETE FROM outbox');
    await keepRow(anHourAgo);
    const quiet = new Outbox(await partsWithoutBroker());
    quiet.start();
    quiet.noteReplayed();
    await eventually(async () => jtiTimeMs(await newest()) > Date.now() - 60_000, 20_000);
    expect(await count('SELECT count(*) FROM outbox')).toBe(2);
    await quiet.stop();
    messaging = await world.connect();
  }, 40_000);
});

describe('a database that is restored to an earlier point while a service runs', () => {
  /** Restores the database to the point before later messages were sent. */
  const restoreTo = (rowId: string) => world.pool.query('DELETE FROM outbox WHERE id > $1', [rowId]);
  const newestRow = async () =>
    (await world.pool.query<{ id: string }>('SELECT id FROM outbox ORDER BY id DESC LIMIT 1')).rows[0]!.id;
  async function runningReplica(): Promise<{ outbox: Outbox; errors: RewoundDatabaseError[] }> {
    const errors: RewoundDatabaseError[] = [];
    const outbox = new Outbox({
      ...(await partsWithoutBroker()),
      onRewound: (error) => void errors.push(error),
    });
    return { outbox, errors };
  }

  test('accepts no message from that service', async () => {
    await messaging.stop();
    const { outbox, errors } = await runningReplica();
    const before = await newestRow();
    await change(outbox, newId('pay'));
    await restoreTo(before);
    const paymentId = newId('pay');
    await expect(change(outbox, paymentId)).rejects.toThrow(RewoundDatabaseError);
    expect(errors).toHaveLength(1);
    expect(await newestRow()).toBe(before);
    expect(await count('SELECT count(*) FROM state WHERE payment_id = $1', paymentId)).toBe(0);
    await outbox.stop();
    messaging = await world.connect();
  });

  test('is detected by a service that sends nothing, from the messages of other replicas', async () => {
    await messaging.stop();
    const { outbox, errors } = await runningReplica();
    const other = await runningReplica();
    const before = await newestRow();
    await change(other.outbox, newId('pay'));
    outbox.start();
    await eventually(() => outbox.knownRow !== undefined && outbox.knownRow > before);
    await restoreTo(before);
    await eventually(() => errors.length > 0);
    expect(errors[0]).toBeInstanceOf(RewoundDatabaseError);
    await Promise.all([outbox.stop(), other.outbox.stop()]);
    messaging = await world.connect();
  });
});

describe('messages of one aggregate', () => {
  test('arrive in commit order', async () => {
    const paymentId = newId('pay');
    const times = 150;
    for (let at = 1; at <= times; at += 1) {
      await messaging.outbox.transaction(async (_tx, send) => {
        send(messages.paymentAuthorized, { ...authorizedOf(paymentId), amountMinor: BigInt(at) }, toAcme);
      });
    }
    await eventually(() => sentFor(paymentId).length >= times);
    const amounts = sentFor(paymentId).map(({ value }) => {
      const payload = Buffer.from(value?.toString().split('.')[1] ?? '', 'base64url').toString();
      return (JSON.parse(payload) as { data: { amountMinor: number } }).data.amountMinor;
    });
    expect(amounts).toEqual(Array.from({ length: times }, (_, at) => at + 1));
  });
});

describe('a batch above the request limit of a broker', () => {
  test('is split, and arrives completely', async () => {
    const ids = Array.from({ length: 40 }, () => newId('pay'));
    await messaging.outbox.transaction(async (_tx, send) => {
      for (const id of ids)
        send(messages.paymentAuthorized, { ...authorizedOf(id), endToEndId: 'x'.repeat(60_000) }, toAcme);
    });
    await eventually(() => ids.every((id) => sentFor(id).length > 0));
    await eventually(async () => (await waiting()) === 0);
    expect(ids.map((id) => sentFor(id).length)).toEqual(ids.map(() => 1));
  });
});
