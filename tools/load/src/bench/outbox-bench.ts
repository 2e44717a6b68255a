import { messages, newJti } from '@tallystick/contracts';
import { ensureOutcomeTopics, Outbox } from '@tallystick/messaging';
import { transaction, type Pool } from '@tallystick/postgres';
import { openInfrastructure, orderRecords, type Addresses, type Infrastructure } from './infrastructure.ts';
import { aCapture } from './message-samples.ts';
import { byTheClock, type Bench, type Round } from './rates.ts';
import { makeTrust, type Trust } from './trust.ts';

/** As many concurrent transactions as a consumer has partitions. */
const AT_ONCE = 4;
const RECIPIENT = 'acme';

/** Measures the outbox: seal, insert, commit, publish, remove. Limit: the same bytes with nothing around them. */
export function outboxBench(addresses: () => Promise<Addresses>): Bench {
  return {
    name: 'outbox',
    summary: 'transaction and publishing; limit: the same bytes inserted and produced',
    async run(use) {
      const trust = await makeTrust();
      const infrastructure = await openInfrastructure(await addresses());
      try {
        await ensureOutcomeTopics(infrastructure.kafka, infrastructure.topicPrefix, [RECIPIENT]);
        const batches = [1, 100, 400];
        const subjects = [];
        for (const batch of batches) {
          subjects.push({
            name: `outbox, ${batch} a transaction`,
            unit: 'messages/s',
            round: sending(infrastructure, trust, batch),
            limit: {
              what: 'the bytes inserted and produced',
              round: await raw(infrastructure, trust, batch),
            },
          });
        }
        await use(subjects);
      } finally {
        await infrastructure.close();
      }
    },
  };
}

function sending(
  { pool, publisher, topicPrefix, logger }: Infrastructure,
  trust: Trust,
  batch: number,
): Round {
  const { keyring, service } = trust;
  return async () => {
    const outbox = new Outbox({
      pool,
      publisher,
      issuer: service.id,
      signingKey: () => service.key,
      keyring,
      topicPrefix,
      logger,
      keptS: 86_400,
      nowMs: Date.now,
    });
    const data = Array.from({ length: batch }, aCapture);
    const round = byTheClock(
      async () => {
        await outbox.transaction(async (_tx, send) => {
          for (const one of data) send(messages.paymentCaptured, one, { recipients: [RECIPIENT] });
        });
        return batch;
      },
      { atOnce: AT_ONCE, drain: () => outbox.stop() },
    );
    const rate = await round();
    await requirePublished(pool);
    return rate;
  };
}

/** @throws if a message was not published: a rate that counts it says nothing */
async function requirePublished(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ left: bigint }>(
    'SELECT count(*) AS left FROM outbox WHERE published_at IS NULL',
  );
  const { left } = rows[0]!;
  if (left > 0n) throw new Error(`the outbox did not publish ${left} transactions`);
}

/**
 * Inserts a row with the same bytes per transaction, equally concurrent. One request produces all bytes gathered
 * meanwhile.
 */
async function raw(
  { pool, publisher, topicPrefix }: Infrastructure,
  trust: Trust,
  batch: number,
): Promise<Round> {
  const records = await orderRecords(trust, topicPrefix, batch);
  const bytes = Buffer.concat(records.flatMap(({ value }) => (value === null ? [] : [value])));
  await pool.query('CREATE TABLE IF NOT EXISTS bench_row (id uuid PRIMARY KEY, bytes bytea NOT NULL)');
  let waiting = 0;
  let publishing: Promise<void> | undefined;
  const publishAll = async (): Promise<void> => {
    while (waiting > 0) {
      const batches = waiting;
      waiting = 0;
      await publisher.publish(Array.from({ length: batches }, () => records).flat());
    }
    publishing = undefined;
  };
  const work = async (): Promise<number> => {
    await transaction(pool, (tx) =>
      tx.query({
        name: 'bench_insert',
        text: 'INSERT INTO bench_row (id, bytes) VALUES ($1, $2)',
        values: [newJti(), bytes],
      }),
    );
    waiting += 1;
    publishing ??= publishAll();
    return batch;
  };
  return byTheClock(work, { atOnce: AT_ONCE, drain: async () => publishing });
}
