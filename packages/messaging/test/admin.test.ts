import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messages, newId } from '@tallystick/contracts';

import { runAdminCommand, type Messaging, type Subscription } from '../src/index.ts';
import type { Quarantined } from '../src/admin/quarantined.ts';
import { eventually } from './eventually.ts';
import { readTopic, type TopicReader } from './read-topic.ts';
import { authorizedOf, commandTopic, eventTopic, newKey, startWorld, toAcme, type World } from './world.ts';

let world: World;
let messaging: Messaging;
const handled: string[] = [];
const orders: Subscription = {
  types: new Set([messages.paymentCreate.type]),
  async handle({ firstSeen }) {
    for (const { opened } of await firstSeen) handled.push(opened.claims.jti);
  },
};
beforeAll(async () => {
  world = await startWorld();
  messaging = await world.connect();
  await messaging.consume({ [commandTopic]: orders });
});
afterAll(async () => {
  await messaging.stop();
  await world.stop();
});

/** Runs the command with the settings of the service. @returns its output, line by line */
async function asked(args: string[], input = ''): Promise<unknown[]> {
  const lines: unknown[] = [];
  const env = {
    KAFKA_BROKERS: world.brokers.join(','),
    TOPIC_PREFIX: world.topicPrefix,
    POSTGRES_URL: world.postgresUrl,
  };
  await runAdminCommand(
    args,
    env,
    (line) => lines.push(JSON.parse(line)),
    async () => input,
  );
  return lines;
}

describe('a topic that was lost', () => {
  // A record may occur twice: a partly accepted request, e.g. to a new partition, is repeated.
  const valuesOf = ({ messages: records }: TopicReader) =>
    [...new Set(records.map(({ value }) => String(value)))].toSorted();

  test('is published again from the outbox, byte for byte', async () => {
    const ids = Array.from({ length: 5 }, () => newId('pay'));
    for (const id of ids) {
      await messaging.outbox.transaction(async (_tx, send) => {
        send(messages.paymentAuthorized, authorizedOf(id), toAcme);
      });
    }
    const before = await readTopic(world.kafka, world.topicPrefix + eventTopic);
    await eventually(() => valuesOf(before).length === ids.length);
    await before.stop();
    await eventually(async () => {
      const { rows } = await world.pool.query('SELECT 1 FROM outbox WHERE published_at IS NULL');
      return rows.length === 0;
    });
    await world.loseTopic(eventTopic);
    expect(await asked(['republish', eventTopic])).toEqual([{ published: ids.length, expired: 0 }]);
    const after = await readTopic(world.kafka, world.topicPrefix + eventTopic);
    await eventually(() => valuesOf(after).length === ids.length);
    await after.stop();
    expect(valuesOf(after)).toEqual(valuesOf(before));
  });

  test('is read from its beginning by a service that starts over', async () => {
    await world.publisher.publish([await world.order()]);
    await eventually(() => handled.length > 0);
    await messaging.stop();
    const [{ partitions }] = (await asked(['start-over', commandTopic])) as [{ partitions: number }];
    expect(partitions).toBeGreaterThan(0);
    const { rows } = await world.pool.query<{ next: bigint }>('SELECT DISTINCT next FROM consumer_position');
    expect(rows).toEqual([{ next: 0n }]);
    messaging = await world.connect();
    await messaging.consume({ [commandTopic]: orders });
  });
});

test('a file may contain the URL of the database, as in a container', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'operate-test-'));
  const POSTGRES_URL_FILE = join(directory, 'url');
  writeFileSync(POSTGRES_URL_FILE, `${world.postgresUrl}\n`, { mode: 0o600 });
  const env = { KAFKA_BROKERS: world.brokers.join(','), TOPIC_PREFIX: world.topicPrefix, POSTGRES_URL_FILE };
  const lines: string[] = [];
  await runAdminCommand(['republish', 'card.events.v1'], env, (line) => lines.push(line));
  expect(lines).toEqual(['{"published":0,"expired":0}']);
  rmSync(directory, { recursive: true });
});

describe('a quarantined record', () => {
  test('is listed with its reason and without its content, and released after its cause is fixed', async () => {
    const key = await newKey();
    const order = await world.order({ key });
    await world.publisher.publish([order]);
    const listed = await eventually(async () => {
      const found = (await asked(['quarantine', commandTopic])) as Quarantined[];
      return found.length > 0 && found;
    });
    expect(listed).toMatchObject([
      { reason: 'envelope.key_unknown', type: 'payment.create', consumer: 'payment' },
    ]);
    expect(JSON.stringify(listed)).not.toContain(String(order.value).split('.')[1]);
    await world.certify(key);
    expect(await asked(['release', commandTopic, '--offset', listed[0]!.offset])).toEqual([{ released: 1 }]);
    await eventually(() => handled.includes(order.id));
  });

  test('is not released without its offset, and a command that releases less than it names says so', async () => {
    await expect(asked(['release', commandTopic])).rejects.toThrow(/--offset/);
    const env = { KAFKA_BROKERS: world.brokers.join(','), TOPIC_PREFIX: world.topicPrefix };
    const args = ['release', commandTopic, '--offset', '99999'];
    expect(await runAdminCommand(args, env, () => {})).toBe(1);
  });
});

describe("the root's certificate of a registrar", () => {
  test('is published unchanged on the key topic, and nothing else is', async () => {
    const topic = await readTopic(world.kafka, `${world.topicPrefix}auth.keys.v1`);
    const certificate = world.registrarCertificate;
    await asked(['publish-certificate'], `${certificate}\n`);
    await eventually(() => topic.messages.filter(({ value }) => String(value) === certificate).length >= 2);
    await topic.stop();
    await expect(asked(['publish-certificate'], 'noise')).rejects.toThrow(/no certificate of a registrar/);
  });

  test.each([
    [['empty', commandTopic], /command/],
    [['republish', 'no.such.topic'], /no such topic/],
    [['republish', commandTopic, '--since', 'yesterday'], /--since/],
    [['verify-audit', commandTopic], /audit/],
  ])('a wrong command reports the fault: %j', async (args, fault) => {
    await expect(asked(args)).rejects.toThrow(fault);
  });
});
