import { newJti } from '@tallystick/contracts';
import { createKafka } from '@tallystick/messaging';
import { createPool, type Pool } from '@tallystick/postgres';
import { kafkaOf, type StackFile } from '@tallystick/stack';
import { createLogger } from '@tallystick/telemetry';

/** Bytes that the system kept or sent, with their place. */
export interface Dumped {
  place: string;
  bytes: Buffer;
}

/** Dumps every row of every table of every database; the catalogue names them, so a new table is included. */
export async function dumpDatabases({ postgres }: StackFile): Promise<Dumped[]> {
  const dumps = Object.entries(postgres).map(async ([service, url]) => {
    const pool = createPool({ url, applicationName: 'dump' });
    try {
      const names = await tablesOf(pool);
      const rows = await Promise.all(
        names.map((name) => pool.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${name} AS t`)),
      );
      return names.flatMap((name, at) =>
        rows[at]!.rows.map(({ row }) => ({ place: `${service}: ${name}`, bytes: Buffer.from(row) })),
      );
    } finally {
      await pool.end();
    }
  });
  return (await Promise.all(dumps)).flat();
}

/** The names of all tables, with their schema, quoted. */
async function tablesOf(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
     ORDER BY name`,
  );
  return rows.map(({ name }) => name);
}

/** Dumps every record of every topic of the run: key, headers and value, each with its topic as its place. */
export async function dumpTopics(stack: StackFile): Promise<Dumped[]> {
  const logger = createLogger({ service: 'dump', level: 'error', confidentialFields: [] });
  const kafka = createKafka({ ...kafkaOf(stack), clientId: 'dump', logger });
  const admin = kafka.admin();
  await admin.connect();
  const prefix = stack.kafka.topicPrefix ?? '';
  const topics = (await admin.listTopics()).filter(
    (name) => name.startsWith(prefix) && !name.startsWith('__'),
  );
  const ends = new Map<string, bigint>();
  const offsets = topics.map(async (topic) => {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      if (BigInt(high) > BigInt(low)) ends.set(`${topic} ${partition}`, BigInt(high) - 1n);
  });
  await Promise.all(offsets);
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: `${prefix}dump.reader.${newJti()}`, maxWaitTimeInMs: 100 });
  const dumped: Dumped[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachMessage: async ({ topic, partition, message }) => {
          const { key, value, headers = {} } = message;
          if (key !== null) dumped.push({ place: `${topic}: key`, bytes: key });
          if (value !== null) dumped.push({ place: `${topic}: value`, bytes: value });
          dumped.push({
            place: `${topic}: headers`,
            bytes: Buffer.from(JSON.stringify(headersOf(headers))),
          });
          if (BigInt(message.offset) >= (ends.get(`${topic} ${partition}`) ?? 0n))
            ends.delete(`${topic} ${partition}`);
          if (ends.size === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return dumped;
}

function headersOf(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
