import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { auditMigrations, entryIn, listEntries } from '@tallystick/audit';
import { messages, newId, newJti, quarantineHeaders, quarantineOf } from '@tallystick/contracts';
import { inAnswerTo, type Messaging, type Subscription } from '@tallystick/messaging';
import {
  authorizedOf,
  commandTopic,
  eventually,
  newKey,
  startWorld,
  toAcme,
  type World,
} from '@tallystick/messaging/testing';
import { migrate, type Repeated } from '@tallystick/postgres';
import { rebuildIndex } from '../src/message-index/index-store.ts';
import { findRecords } from '../src/message-index/find-records.ts';
import { startMessageIndex, type MessageIndex } from '../src/message-index/message-index.ts';
import { adviceFor } from '../src/quarantine/advice.ts';
import {
  countByState,
  findGroups,
  findQuarantined,
  findTrend,
  findWaiting,
  TREND_HOURS,
  type FoundQuarantined,
} from '../src/quarantine/find-quarantined.ts';
import {
  beginJob,
  findJob,
  findJobRecords,
  findJobs,
  type FoundJob,
  type JobOrder,
} from '../src/quarantine/jobs.ts';
import { runJobs, workOnJob, type JobRunnerOptions } from '../src/quarantine/run-jobs.ts';
import { consoleSchema } from '../src/store/schema.ts';

const OPERATOR = newId('usr').replace('usr', 'opr');

let world: World;
let messaging: Messaging;
let index: MessageIndex;
let runner: JobRunnerOptions;
let running: Repeated;
const handled = new Set<string>();

const orders: Subscription = {
  types: new Set([messages.paymentCreate.type]),
  async handle({ firstSeen }, _tx, send) {
    for (const message of await firstSeen) {
      handled.add(message.opened.claims.jti);
      send(messages.paymentAuthorized, authorizedOf(message.opened.claims.sub), {
        ...inAnswerTo(message),
        ...toAcme,
      });
    }
  },
};

beforeAll(async () => {
  world = await startWorld();
  await migrate(world.pool, auditMigrations, consoleSchema);
  messaging = await world.connect();
  const { pool, topicPrefix, logger } = world;
  index = await startMessageIndex({
    messaging,
    pool,
    topicPrefix,
    logger,
    issuer: 'https://auth.example',
    publicUrls: {},
  });
  await messaging.consume({ [commandTopic]: orders });
  runner = { pool, messaging, topicPrefix, logger };
  running = runJobs(runner);
});
afterAll(async () => {
  await running.stop();
  await index.stop();
  await messaging.stop();
  await world.stop();
});

// After each test the counters equal a count of the records.
afterEach(async () => {
  const { rows } = await world.pool.query(
    `WITH counted AS (
       SELECT group_key, count(*) FILTER (WHERE state = 'waiting') AS waiting,
         count(*) FILTER (WHERE state = 'waiting' AND is_whole) AS whole,
         count(*) FILTER (WHERE state = 'released') AS released, count(*) FILTER (WHERE state = 'discarded') AS discarded
       FROM quarantined_record GROUP BY group_key)
     (TABLE counted EXCEPT TABLE quarantine_group) UNION ALL (TABLE quarantine_group EXCEPT TABLE counted)`,
  );
  expect(rows).toEqual([]);
});

/** Waits until the record with this key is in quarantine, and indexed. */
const quarantined = (key: string): Promise<FoundQuarantined> =>
  eventually(async () => {
    const { rows } = await world.pool.query<{ topic: string; offset: bigint }>(
      'SELECT topic, quarantine_offset AS "offset" FROM quarantined_record WHERE record_key = $1',
      [key],
    );
    return rows[0] !== undefined && (await findQuarantined(world.pool, rows[0].topic, rows[0].offset));
  });

const order = (record: { topic: string; offset: bigint }, kind: JobOrder['kind']): JobOrder => ({
  kind,
  selection: { records: [{ topic: record.topic, offset: record.offset }] },
  reason: 'the key is certified now',
  actor: OPERATOR,
  clientId: 'console',
});

const begin = async (one: JobOrder): Promise<string> => {
  const jobId = await beginJob(world.pool, one, Date.now());
  expect(jobId).toMatch(/^job_/);
  return jobId!;
};

const finished = (jobId: string): Promise<FoundJob> =>
  eventually(async () => {
    const job = await findJob(world.pool, jobId);
    return job !== undefined && job.finishedAt !== null && job;
  });

const run = async (one: JobOrder): Promise<FoundJob> => finished(await begin(one));

describe('quarantined records', () => {
  test('are grouped by their cause, with advice and a trend', async () => {
    const key = await newKey();
    const sent = await Promise.all([world.order({ key }), world.order({ key }), world.order({ key })]);
    await world.publisher.publish(sent);
    for (const one of sent) await quarantined(String(one.key));
    const groups = await findGroups(world.pool);
    const group = groups.find(({ reason }) => reason === 'envelope.key_unknown')!;
    expect(group).toMatchObject({
      topic: commandTopic,
      failedCheck: 'key',
      issuer: 'acme',
      shape: 'payment.create 2',
      consumer: 'payment',
      waiting: 3,
      whole: 3,
    });
    expect(adviceFor(group.reason)).toMatchObject({ title: 'Unknown key', mayPassLater: true });
    const waiting = await findWaiting(world.pool, group.groupKey, { limit: 2 });
    const last = waiting.at(-1)!;
    const rest = await findWaiting(world.pool, group.groupKey, {
      after: { at: last.quarantinedAt, offset: last.offset },
      limit: 2,
    });
    expect(new Set([...waiting, ...rest].map(({ jti }) => jti))).toEqual(new Set(sent.map(({ id }) => id)));
    expect(waiting[0]!.claims).toMatchObject({ amountMinor: 1250, endToEndId: 'INVOICE-1' });
    const trend = await findTrend(world.pool);
    expect(trend).toHaveLength(TREND_HOURS);
    expect(trend.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(3);
  });

  test('that are no messages, or hostile, are shown without what they hold', async () => {
    const key = newId('pay');
    await world.publisher.publish([
      {
        id: newJti(),
        topic: quarantineOf(world.topicPrefix + commandTopic),
        key: Buffer.from(key),
        value: Buffer.from('<script>alert(1)</script> 4111111111111111'),
        headers: {
          [quarantineHeaders.reason]: 'no.such.reason',
          [quarantineHeaders.detail]: 'first\nsecond 4111111111111111',
          [quarantineHeaders.sourceOffset]: '-1',
        },
      },
    ]);
    const record = await quarantined(key);
    expect(record).toMatchObject({
      reason: 'no.such.reason',
      detail: 'first�second ****************',
      sourceOffset: null,
      type: null,
      claims: null,
    });
    expect(adviceFor(record.reason).title).toMatch(/unknown/);
  });
});

describe('a release', () => {
  test('that would be refused again says so before it is tried, and goes through once the cause is gone', async () => {
    const key = await newKey();
    const sent = await world.order({ key });
    await world.publisher.publish([sent]);
    const record = await quarantined(String(sent.key));
    expect((await run(order(record, 'dry_run'))).outcomes).toEqual([
      { outcome: 'would_be_refused', code: 'envelope.key_unknown', count: 1 },
    ]);
    await world.certify(key);
    await eventually(() => messaging.keyring.find(key.kid));
    expect((await run(order(record, 'dry_run'))).outcomes).toMatchObject([{ outcome: 'would_pass' }]);
    expect(handled.has(sent.id)).toBe(false);

    const job = await run(order(record, 'release'));
    expect(job).toMatchObject({ actor: OPERATOR, records: 1, outcomes: [{ outcome: 'released' }] });
    await eventually(() => handled.has(sent.id));
    expect(await findQuarantined(world.pool, record.topic, record.offset)).toMatchObject({
      state: 'released',
    });
    const entries = (
      await listEntries(world.pool, { actor: OPERATOR }, { before: undefined, limit: 10 })
    ).map(({ content }) => entryIn(content));
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'quarantine.release', object: job.jobId, clientId: 'console' }),
    );
  });

  test('of a record that was handled meanwhile says that it has no effect', async () => {
    const key = await newKey();
    const sent = await world.order({ key });
    await world.publisher.publish([sent]);
    const record = await quarantined(String(sent.key));
    await world.certify(key);
    await eventually(() => messaging.keyring.find(key.kid));
    await world.publisher.publish([sent]);
    await eventually(async () =>
      (await findRecords(world.pool, sent.id)).some(({ cause }) => cause === sent.id),
    );
    expect((await run(order(record, 'dry_run'))).outcomes).toMatchObject([{ outcome: 'handled_before' }]);
  });

  test('leaves out what is not kept whole, and what no longer exists', async () => {
    const key = newId('pay');
    await world.publisher.publish([
      {
        id: newJti(),
        topic: world.topicPrefix + commandTopic,
        key: Buffer.from(key),
        value: Buffer.alloc(9_000, 'noise '),
        headers: {},
      },
    ]);
    const record = await quarantined(key);
    expect(record).toMatchObject({ isWhole: false, shape: 'no message', valueBytes: 9_000 });
    expect((await run(order(record, 'release'))).outcomes).toMatchObject([{ outcome: 'not_kept_whole' }]);
    expect(await findQuarantined(world.pool, record.topic, record.offset)).toMatchObject({
      state: 'waiting',
    });
    await world.pool.query('UPDATE quarantined_record SET quarantine_offset = 999999 WHERE record_key = $1', [
      key,
    ]);
    const job = await run(order({ ...record, offset: 999_999n }, 'release'));
    expect(job.outcomes).toMatchObject([{ outcome: 'gone' }]);
    await world.pool.query('DELETE FROM quarantined_record WHERE quarantine_offset = 999999');
  });

  test('goes on where it was after a restart, and does each record once', async () => {
    const key = await newKey();
    const sent = await Promise.all(Array.from({ length: 5 }, () => world.order({ key })));
    await world.publisher.publish(sent);
    const records = await Promise.all(sent.map((one) => quarantined(String(one.key))));
    await world.certify(key);
    await eventually(() => messaging.keyring.find(key.kid));
    await running.stop();
    const groupKey = records[0]!.groupKey;
    const ofOthers = await findWaiting(world.pool, groupKey, { limit: 100 });
    const jobId = await begin({ ...order(records[0]!, 'release'), selection: { groupKey } });
    expect(await workOnJob({ ...runner, chunkRecords: 2 })).toBe(true);
    // The process ends here, in the middle of the job, after it had leased it again.
    await world.pool.query(
      `UPDATE quarantine_job SET leased_until = now() + interval '1 second' WHERE job_id = $1`,
      [jobId],
    );
    expect(await findJob(world.pool, jobId)).toMatchObject({
      finishedAt: null,
      records: ofOthers.length,
      outcomes: [{ outcome: 'released', count: 2 }],
    });
    running = runJobs(runner);
    const job = await finished(jobId);
    expect(job.outcomes).toEqual([{ outcome: 'released', code: null, count: ofOthers.length }]);
    await eventually(() => sent.every(({ id }) => handled.has(id)));
    expect(await findJobRecords(world.pool, jobId, 100)).toHaveLength(ofOthers.length);
    expect((await findJobs(world.pool, 1))[0]).toMatchObject({ jobId, kind: 'release' });
    // None of them waits any more, so there is no second job.
    const again = { ...order(records[0]!, 'release'), selection: { records } };
    expect(await beginJob(world.pool, again, Date.now())).toBeUndefined();
  });
});

test('a discarded record stays discarded, also in a rebuilt index', async () => {
  const sent = await world.order({ key: await newKey() });
  await world.publisher.publish([sent]);
  const record = await quarantined(String(sent.key));
  expect((await run(order(record, 'discard'))).outcomes).toMatchObject([{ outcome: 'discarded' }]);
  expect((await countByState(world.pool)).discarded).toBe(1);
  await rebuildIndex(world.pool);
  expect(await quarantined(String(sent.key))).toMatchObject({ state: 'discarded' });
});
