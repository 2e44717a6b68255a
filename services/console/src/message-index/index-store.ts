import { rowSource, sweep, transaction, type Pool, type Transaction } from '@tallystick/postgres';
import { putQuarantined } from '../quarantine/quarantine-store.ts';
import type { QuarantinedRecord } from '../quarantine/quarantined-record.ts';
import type { IndexedRecord } from './indexed-record.ts';

/** The records of one partition, and how they move its position. Topics are without their prefix. */
export interface IndexedChunk {
  topic: string;
  partition: number;
  from: bigint;
  to: bigint;
  isRecreated: boolean;
  records: readonly IndexedRecord[];
  quarantined: readonly QuarantinedRecord[];
}

const recordRows = rowSource<IndexedRecord>({
  topic: ['text', ({ topic }) => topic],
  partition: ['integer', ({ partition }) => partition],
  record_offset: ['bigint', ({ offset }) => offset],
  recorded_at: ['timestamptz', ({ recordedAt }) => recordedAt],
  record_key: ['text', ({ key }) => key ?? null],
  type: ['text', ({ type }) => type ?? null],
  version: ['integer', ({ version }) => version ?? null],
  issuer: ['text', ({ issuer }) => issuer ?? null],
  kid: ['text', ({ kid }) => kid ?? null],
  jti: ['text', ({ jti }) => jti ?? null],
  txn: ['text', ({ txn }) => txn ?? null],
  cause: ['text', ({ cause }) => cause ?? null],
  trace_id: ['text', ({ traceId }) => traceId ?? null],
  failed_check: ['text', ({ failedCheck }) => failedCheck ?? null],
  code: ['text', ({ code }) => code ?? null],
  detail: ['text', ({ detail }) => detail ?? null],
  is_encrypted: ['boolean', ({ isEncrypted }) => isEncrypted],
  evidence: ['jsonb', ({ evidence }) => jsonOf(evidence)],
  facts: ['jsonb', ({ facts }) => jsonOf(facts)],
  value_bytes: ['integer', ({ valueBytes }) => valueBytes],
});
const idRows = rowSource<{ record: IndexedRecord; id: string }>({
  topic: ['text', ({ record }) => record.topic],
  partition: ['integer', ({ record }) => record.partition],
  record_offset: ['bigint', ({ record }) => record.offset],
  id: ['text', ({ id }) => id],
});
const positionRows = rowSource<IndexedChunk>({
  topic: ['text', ({ topic }) => topic],
  partition: ['integer', ({ partition }) => partition],
  was: ['bigint', ({ from }) => from],
  next: ['bigint', ({ to }) => to],
});

/**
 * Stores records and moves the positions of their partitions, in one transaction.
 * @returns the chunks that were stored: those whose position was still at `from`
 */
export function storeChunks(pool: Pool, chunks: readonly IndexedChunk[]): Promise<Set<IndexedChunk>> {
  return transaction(pool, async (tx) => {
    const inOrder = [...chunks].sort((a, b) => compare(a.topic, b.topic) || a.partition - b.partition);
    const { rows: moved } = await tx.query<{ topic: string; partition: number }>(
      `INSERT INTO indexed_position AS p (topic, partition, next)
       SELECT topic, partition, next FROM (${positionRows.sql}) AS sent WHERE was = 0
         OR EXISTS (SELECT FROM indexed_position i WHERE i.topic = sent.topic AND i.partition = sent.partition AND i.next = was)
       ON CONFLICT (topic, partition) DO UPDATE SET next = excluded.next
         WHERE p.next = (SELECT was FROM (${positionRows.sql}) AS again
           WHERE again.topic = p.topic AND again.partition = p.partition)
       RETURNING topic, partition`,
      positionRows.values(inOrder),
    );
    const stored = new Set(
      chunks.filter((chunk) =>
        moved.some(({ topic, partition }) => topic === chunk.topic && partition === chunk.partition),
      ),
    );
    for (const chunk of stored) if (chunk.isRecreated) await forgetPartition(tx, chunk);
    await putRecords(
      tx,
      [...stored].flatMap(({ records }) => records),
    );
    await putQuarantined(
      tx,
      [...stored].flatMap(({ quarantined }) => quarantined),
    );
    return stored;
  });
}

async function putRecords(tx: Transaction, records: readonly IndexedRecord[]): Promise<void> {
  if (records.length === 0) return;
  const ids = records.flatMap((record) => record.ids.map((id) => ({ record, id })));
  const idSource = idRows.sql.replaceAll(
    /\$(\d+)/g,
    (_, at: string) => `$${Number(at) + recordRows.parameterCount}`,
  );
  await tx.query(
    `WITH put AS (
       INSERT INTO indexed_record (${recordRows.names}) ${recordRows.sql}
       ON CONFLICT (topic, partition, record_offset) DO NOTHING
       RETURNING record_no, topic, partition, record_offset, recorded_at)
     INSERT INTO indexed_id (id, recorded_at, record_no)
     SELECT sent.id, put.recorded_at, put.record_no FROM (${idSource}) AS sent
       JOIN put USING (topic, partition, record_offset)
     ON CONFLICT DO NOTHING`,
    [...recordRows.values(records), ...idRows.values(ids)],
  );
}

/** Removes what was read of a partition whose topic was created again. */
async function forgetPartition(tx: Transaction, { topic, partition }: IndexedChunk): Promise<void> {
  await tx.query(
    `WITH gone AS (DELETE FROM indexed_record WHERE topic = $1 AND partition = $2 RETURNING record_no)
     DELETE FROM indexed_id USING gone WHERE indexed_id.record_no = gone.record_no`,
    [topic, partition],
  );
  const [source, isQuarantine] = sourceOf(topic);
  if (isQuarantine) await tx.query('DELETE FROM quarantined_record WHERE topic = $1', [source]);
}

const QUARANTINE = '.quarantine';

/** Returns the topic of a quarantine, and whether a topic is one. */
export function sourceOf(topic: string): [source: string, isQuarantine: boolean] {
  return topic.endsWith(QUARANTINE) ? [topic.slice(0, -QUARANTINE.length), true] : [topic, false];
}

/** Reads the position of each partition. */
export async function indexedPositions(
  pool: Pool,
): Promise<{ topic: string; partition: number; next: bigint }[]> {
  const { rows } = await pool.query<{ topic: string; partition: number; next: bigint }>(
    'SELECT topic, partition, next FROM indexed_position',
  );
  return rows;
}

/**
 * Empties the index, so that the console reads all topics again. What operators did with quarantined records stays known. A
 * running console notices and begins again.
 */
export async function rebuildIndex(pool: Pool): Promise<void> {
  const signal = new AbortController().signal;
  // First the positions: a running console then stores nothing of its present place.
  await pool.query('UPDATE indexed_position SET next = 0');
  await sweep(pool, { text: sweepText('true') }, signal);
  await sweep(
    pool,
    {
      text: `DELETE FROM quarantined_record WHERE ctid IN (SELECT ctid FROM quarantined_record LIMIT $1)`,
    },
    signal,
  );
  await pool.query('UPDATE indexed_position SET next = 0');
}

/**
 * Deletes rows that are older than they are kept.
 * @param keptS how long records are kept, in seconds
 */
export async function sweepIndex(pool: Pool, keptS: number, signal: AbortSignal): Promise<void> {
  const values = [keptS];
  await sweep(
    pool,
    { text: sweepText('recorded_at < now() - make_interval(secs => $1)', 2), values },
    signal,
  );
  await sweep(
    pool,
    {
      text: `DELETE FROM quarantined_record WHERE ctid IN (SELECT ctid FROM quarantined_record
               WHERE quarantined_at < now() - make_interval(secs => $1) LIMIT $2)`,
      values,
    },
    signal,
  );
}

/** A statement that deletes records with their ids; its last parameter is their number. */
function sweepText(condition: string, limitAt = 1): string {
  return `WITH gone AS (DELETE FROM indexed_record WHERE record_no IN
            (SELECT record_no FROM indexed_record WHERE ${condition} ORDER BY recorded_at LIMIT $${limitAt}) RETURNING record_no),
          ids AS (DELETE FROM indexed_id USING gone WHERE indexed_id.record_no = gone.record_no)
          SELECT FROM gone`;
}

function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
