import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { messages, newId } from '@tallystick/contracts';
import type { OpenedMessage } from '@tallystick/security';

import type { Messaging } from '../src/index.ts';
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

/** Takes the database back to when it knew of nothing after `rowsKept` of the outbox. */
async function setBack(rowsKept: number): Promise<void> {
  await world.pool.query('DELETE FROM outbox WHERE id NOT IN (SELECT id FROM outbox ORDER BY id LIMIT $1)', [
    rowsKept,
  ]);
}

const rowCount = async (): Promise<number> =>
  Number((await world.pool.query<{ count: bigint }>('SELECT count(*) FROM outbox')).rows[0]!.count);

/** Recalls, and keeps what it got. */
async function recalled(fault?: Error): Promise<string[]> {
  const got: string[] = [];
  await messaging.recall({
    topics: [eventTopic],
    async recall(own: readonly OpenedMessage[], tx) {
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

  test('does not hold what somebody else wrote under its name', async () => {
    const topic = world.topicPrefix + eventTopic;
    const claims = { iss: 'payment', jti: newId('pay').slice(4), type: messages.paymentAuthorized.type };
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const value = Buffer.from(`${part({ alg: 'EdDSA' })}.${part(claims)}.c2lnbmF0dXJl`);
    await world.publisher.publish([{ id: claims.jti, topic, key: Buffer.from('x'), value, headers: {} }]);
    expect(await recalled()).toEqual([]);
  });
});
