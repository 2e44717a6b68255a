import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { messages, newId } from '@tallystick/contracts';
import { createPool, transaction } from '@tallystick/postgres';
import { seal, type SigningKey } from '@tallystick/security';
import { ROOT_CONTEXT } from '@opentelemetry/api';

import {
  inAnswerTo,
  recordOf,
  type Messaging,
  type OutgoingRecord,
  type Subscription,
} from '../src/index.ts';
import { FencedError, loadPosition, movePositions } from '../src/consume/position.ts';
import { eventually } from './eventually.ts';
import { readTopic } from './read-topic.ts';
import { authorizedOf, commandTopic, eventTopic, newKey, startWorld, toAcme, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.pool.query('CREATE TABLE effect (payment_id text)');
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.pool.query('TRUNCATE effect');
});

/** Inserts a row for each message, so that a repeated effect shows. */
const leaveEffects: Subscription['handle'] = async ({ firstSeen }, tx, send) => {
  for (const message of await firstSeen) {
    const paymentId = message.opened.claims.sub;
    await tx.query('INSERT INTO effect VALUES ($1)', [paymentId]);
    send(messages.paymentAuthorized, authorizedOf(paymentId), { ...inAnswerTo(message), ...toAcme });
  }
};

async function consuming(handler: Subscription['handle'] = leaveEffects): Promise<Messaging> {
  const messaging = await world.connect();
  await messaging.consume({
    [commandTopic]: { types: new Set([messages.paymentCreate.type]), handle: handler },
  });
  return messaging;
}

async function effects(): Promise<string[]> {
  const { rows } = await world.pool.query<{ payment_id: string }>('SELECT payment_id FROM effect');
  return rows.map(({ payment_id: id }) => id).toSorted();
}

const orders = (count: number) => Promise.all(Array.from({ length: count }, () => world.order()));
const idsOf = (records: readonly { key: Buffer | null }[]) =>
  records.map(({ key }) => String(key)).toSorted();

/** An event of the ledger. */
async function voidRejected(signingKey: SigningKey): Promise<OutgoingRecord> {
  const { topicPrefix } = world;
  const data = {
    holdId: newId('hld'),
    debitAccountId: newId('acc'),
    paymentId: newId('pay'),
    code: 'ledger.hold_ended' as const,
  };
  const topic = topicPrefix + messages.holdVoidRejected.topic;
  const options = { issuer: 'account', signingKey, topic, nowMs: Date.now() };
  return recordOf(await seal(messages.holdVoidRejected, data, options), ROOT_CONTEXT);
}

/** Whether every partition of the topic of orders was processed to its end. */
async function caughtUp(): Promise<boolean> {
  const topic = world.topicPrefix + commandTopic;
  const ends = await world.withAdmin((admin) => admin.fetchTopicOffsets(topic));
  const { rows } = await world.pool.query<{ partition: number; next: bigint }>(
    'SELECT partition, next FROM consumer_position WHERE topic = $1',
    [topic],
  );
  return ends.every(({ partition, high }) => {
    const next = rows.find((row) => row.partition === partition)?.next ?? 0n;
    return next === BigInt(high);
  });
}

describe('a message that passed the checks', () => {
  test('is told to a watcher, also if it is a duplicate; a refused record is not', async () => {
    const [record, other] = await orders(2);
    const forged = await world.order({ key: await newKey() });
    const told: string[] = [];
    const messaging = await world.connect({ onAccepted: ({ sub, iss }) => told.push(`${iss} ${sub}`) });
    await messaging.consume({
      [commandTopic]: { types: new Set([messages.paymentCreate.type]), handle: leaveEffects },
    });
    await world.publisher.publish([record!, forged, record!, other!]);
    await eventually(caughtUp);
    await messaging.stop();
    expect(told.toSorted()).toEqual(idsOf([record!, record!, other!]).map((id) => `acme ${id}`));
  });
});

describe('a message takes effect exactly once', () => {
  test('if it is published three times', async () => {
    const records = await orders(20);
    await world.publisher.publish([...records, ...records, ...records]);
    const messaging = await consuming();
    await eventually(caughtUp);
    expect(await effects()).toEqual(idsOf(records));
    await messaging.stop();
  });

  test('if all records are delivered again, as after a lost position', async () => {
    const messaging = await consuming();
    const records = await orders(20);
    await world.publisher.publish(records);
    await eventually(caughtUp);
    await messaging.stop();
    await world.pool.query('UPDATE consumer_position SET next = 0');
    const again = await consuming();
    await eventually(caughtUp);
    expect(await effects()).toEqual(idsOf(records));
    await again.stop();
  });

  test('while consumers join and leave', async () => {
    const records = await orders(400);
    const publishing = (async () => {
      for (let at = 0; at < records.length; at += 20)
        await world.publisher.publish(records.slice(at, at + 20));
    })();
    const first = await consuming();
    const second = await consuming();
    await publishing;
    await first.stop();
    const third = await consuming();
    await eventually(caughtUp, 60_000);
    expect(await effects()).toEqual(idsOf(records));
    await Promise.all([second.stop(), third.stop()]);
  }, 90_000);

  test('if its first attempt failed without the database', async () => {
    let failures = 0;
    const messaging = await consuming(async (batch, tx, send) => {
      await leaveEffects(batch, tx, send);
      failures += 1;
      if (failures <= 2) throw Object.assign(new Error('connection lost'), { code: '08006' });
    });
    const records = await orders(5);
    await world.publisher.publish(records);
    await eventually(caughtUp);
    expect(await effects()).toEqual(idsOf(records));
    expect(failures).toBeGreaterThan(2);
    await messaging.stop();
  });
});

describe('a service that starts', () => {
  test('reads the existing events of other services before it accepts orders', async () => {
    const account = await newKey();
    const { type, topic } = messages.holdVoidRejected;
    await world.certify(account, { sub: 'account', permissions: [{ topic, types: [type] }] });
    const sent = await Promise.all(Array.from({ length: 1_000 }, () => voidRejected(account)));
    await world.publisher.publish([...sent, ...(await orders(1))]);
    const received: string[] = [];
    const note: Subscription['handle'] = async ({ firstSeen }) => {
      for (const { opened } of await firstSeen) received.push(opened.definition.type);
    };
    const messaging = await world.connect();
    await messaging.consume({
      [commandTopic]: { types: new Set([messages.paymentCreate.type]), handle: note },
      [topic]: { types: new Set([type]), handle: note },
    });
    expect(received).toEqual(sent.map(() => type));
    await eventually(caughtUp);
    expect(received.slice(sent.length)).toEqual([messages.paymentCreate.type]);
    await messaging.stop();
  });

  test('does not wait for events of no concern at the end of a topic', async () => {
    const account = await newKey();
    const { type, topic } = messages.holdVoidRejected;
    await world.certify(account, { sub: 'account', permissions: [{ topic, types: [type] }] });
    await world.publisher.publish(await Promise.all(Array.from({ length: 10 }, () => voidRejected(account))));
    const events: Subscription = { types: new Set([messages.holdPlaced.type]), handle: async () => {} };
    const beganMs = performance.now();
    // Two replicas: each also waits for the positions of the other.
    const replicas = await Promise.all(
      Array.from({ length: 2 }, async () => {
        const messaging = await world.connect();
        await messaging.consume({ [topic]: events });
        return messaging;
      }),
    );
    expect(performance.now() - beganMs).toBeLessThan(20_000);
    await Promise.all(replicas.map((replica) => replica.stop()));
  }, 60_000);
});

describe('a message that expires', () => {
  test('while the database is unreachable has no effect afterwards', async () => {
    let [attempts, aheadMs] = [0, 0];
    const messaging = await world.connect({ nowMs: () => Date.now() + aheadMs });
    await messaging.consume({
      [commandTopic]: {
        types: new Set([messages.paymentCreate.type]),
        async handle(batch, tx, send) {
          attempts += 1;
          await leaveEffects(batch, tx, send);
          if (attempts > 1) return;
          aheadMs = 600_000;
          throw Object.assign(new Error('connection lost'), { code: '08006' });
        },
      },
    });
    await world.publisher.publish(await orders(1));
    await eventually(caughtUp);
    expect(await effects()).toEqual([]);
    await messaging.stop();
  });
});

describe('a message that waits for a foreign lock', () => {
  test('delays only the messages after it, and is handled when the lock is released', async () => {
    const impatient = createPool({
      url: world.postgresUrl,
      applicationName: 'test',
      statementTimeoutMs: 300,
    });
    const [waiting, ...others] = (await orders(6)) as [OutgoingRecord, ...OutgoingRecord[]];
    const messaging = await world.connect({ pool: impatient });
    await messaging.consume({
      [commandTopic]: {
        types: new Set([messages.paymentCreate.type]),
        async handle(batch, tx, send) {
          for (const { opened } of await batch.firstSeen)
            if (opened.claims.sub === String(waiting.key)) await tx.query('LOCK TABLE coveted');
          await leaveEffects(batch, tx, send);
        },
      },
    });
    await world.pool.query('CREATE TABLE coveted ()');
    await transaction(world.pool, async (tx) => {
      await tx.query('LOCK TABLE coveted');
      await world.publisher.publish([...others, waiting]);
      await eventually(async () => (await effects()).length === others.length);
    });
    expect(await eventually(async () => (await effects()).length > others.length && effects())).toEqual(
      idsOf([waiting, ...others]),
    );
    await messaging.stop();
    await impatient.end();
  });
});

describe('a handler', () => {
  test('gets the messages of one key in order, and sends its answer in the same transaction', async () => {
    const events = await readTopic(world.kafka, world.topicPrefix + eventTopic);
    const order: string[] = [];
    const messaging = await consuming(async (batch, tx, send) => {
      order.push(...batch.messages.map(({ opened }) => opened.claims.jti));
      await leaveEffects(batch, tx, send);
    });
    const paymentId = newId('pay');
    const records = await Promise.all(Array.from({ length: 30 }, () => world.order({ paymentId })));
    await world.publisher.publish(records);
    await eventually(() => order.length === records.length);
    expect(order).toEqual(records.map(({ id }) => id));
    const answers = await eventually(() => {
      const about = events.messages.filter(({ key }) => key?.toString() === paymentId);
      return about.length === records.length && about;
    });
    const claims = answers.map(
      ({ value }) =>
        JSON.parse(Buffer.from(value?.toString().split('.')[1] ?? '', 'base64url').toString()) as {
          cause: string;
        },
    );
    expect(claims.map(({ cause }) => cause)).toEqual(records.map(({ id }) => id));
    await messaging.stop();
    await events.stop();
  });
});

describe('a position', () => {
  const place = ['topic', 3] as const;
  const move = async (from: bigint, to: bigint): Promise<void> => {
    await transaction(world.pool, (tx) => movePositions(tx, [{ topic: 'topic', partition: 3, from, to }]));
  };

  test('moves only from the expected value: a former owner of the partition is fenced off', async () => {
    expect(await loadPosition(world.pool, ...place, 7n)).toBe(7n);
    await move(7n, 9n);
    await expect(move(7n, 8n)).rejects.toBeInstanceOf(FencedError);
    expect(await loadPosition(world.pool, ...place, 0n)).toBe(9n);
  });

  test('moves together with those of the other partitions of a batch, or not at all', async () => {
    const topic = 'batch';
    const positions = (): Promise<bigint[]> =>
      Promise.all([0, 1, 2].map((partition) => loadPosition(world.pool, topic, partition, 5n)));
    const moveAll = (...from: bigint[]): Promise<void> =>
      transaction(world.pool, (tx) =>
        movePositions(
          tx,
          from.map((at, partition) => ({ topic, partition, from: at, to: at + 10n })),
        ),
      );
    expect(await positions()).toEqual([5n, 5n, 5n]);
    await moveAll(5n, 5n, 5n);
    await expect(moveAll(15n, 5n, 15n)).rejects.toMatchObject({ topicPartition: 'batch 1' });
    expect(await positions()).toEqual([15n, 15n, 15n]);
  });

  test('cannot move twice in one transaction', async () => {
    const [topic, partition] = ['doubled', 0];
    await loadPosition(world.pool, topic, partition, 0n);
    const moves = [1n, 2n].map((to) => ({ topic, partition, from: 0n, to }));
    await expect(transaction(world.pool, (tx) => movePositions(tx, moves))).rejects.toBeInstanceOf(
      FencedError,
    );
    expect(await loadPosition(world.pool, topic, partition, 0n)).toBe(0n);
  });

  test('fences off the slower of two owners that move it at the same time', async () => {
    const topic = 'contested';
    await loadPosition(world.pool, topic, 0, 0n);
    const moves = [1n, 2n, 3n, 4n].map((to) =>
      transaction(world.pool, (tx) => movePositions(tx, [{ topic, partition: 0, from: 0n, to }])),
    );
    const settled = await Promise.allSettled(moves);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of settled) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(FencedError);
  });

  test('decides where a consumer continues, regardless of offsets committed to Kafka', async () => {
    const messaging = await consuming();
    await eventually(caughtUp);
    await messaging.stop();
    const skipped = await world.order();
    await world.publisher.publish([skipped]);
    // Another owner has handled it meanwhile.
    const topic = world.topicPrefix + commandTopic;
    const admin = world.kafka.admin();
    await admin.connect();
    for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
      await world.pool.query('UPDATE consumer_position SET next = $3 WHERE topic = $1 AND partition = $2', [
        topic,
        partition,
        BigInt(high),
      ]);
    }
    await admin.disconnect();
    await world.pool.query('TRUNCATE effect');
    const again = await consuming();
    const next = await orders(8);
    await world.publisher.publish(next);
    await eventually(async () => (await effects()).length >= next.length);
    expect(await effects()).toEqual(idsOf(next));
    await again.stop();
  });
});

describe('a database that is restored to an earlier point while a service runs', () => {
  test('ends the service before any message is handled twice', async () => {
    const faults: Error[] = [];
    const messaging = await world.connect({ onRewound: (error) => faults.push(error) });
    await messaging.consume({
      [commandTopic]: { types: new Set([messages.paymentCreate.type]), handle: leaveEffects },
    });
    await world.publisher.publish(await orders(10));
    await eventually(caughtUp);
    const before = await effects();
    await world.pool.query('UPDATE consumer_position SET next = next - 1 WHERE next > 0');
    await world.publisher.publish(await orders(10));
    await eventually(() => faults.length > 0);
    expect(faults[0]?.name).toBe('RewoundDatabaseError');
    expect(await effects()).toEqual(before);
    await messaging.stop();
    const again = await consuming();
    await eventually(caughtUp);
    await again.stop();
  });
});

describe('a topic that was deleted and created again', () => {
  test('is read from its beginning by a running consumer', async () => {
    const messaging = await consuming();
    await world.publisher.publish(await orders(30));
    await eventually(caughtUp);
    await world.pool.query('TRUNCATE effect');
    await world.loseTopic(commandTopic);
    const records = await orders(3);
    await eventually(async () => {
      try {
        await world.publisher.publish(records);
        return true;
      } catch {
        // The producer has not discovered the new partitions yet.
        return false;
      }
    });
    await eventually(async () => (await effects()).length === records.length);
    expect(await effects()).toEqual(idsOf(records));
    await messaging.stop();
  });

  test('is read from its beginning by a new consumer', async () => {
    await world.pool.query('UPDATE consumer_position SET next = 1000');
    const records = await orders(3);
    await world.publisher.publish(records);
    const messaging = await consuming();
    await eventually(async () => (await effects()).length === records.length);
    expect(await effects()).toEqual(idsOf(records));
    await messaging.stop();
  });
});
