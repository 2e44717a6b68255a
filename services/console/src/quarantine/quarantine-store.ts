import { insertRows, type Transaction } from '@tallystick/postgres';
import type { QuarantinedRecord } from './quarantined-record.ts';

const insert = insertRows<QuarantinedRecord>(
  'quarantined_record_insert',
  'quarantined_record',
  {
    topic: ['text', ({ topic }) => topic],
    quarantine_offset: ['bigint', ({ offset }) => offset],
    quarantined_at: ['timestamptz', ({ quarantinedAt }) => quarantinedAt],
    reason: ['text', ({ reason }) => reason],
    failed_check: ['text', ({ failedCheck }) => failedCheck],
    detail: ['text', ({ detail }) => detail ?? null],
    consumer: ['text', ({ consumer }) => consumer],
    source_partition: ['integer', ({ sourcePartition }) => sourcePartition ?? null],
    source_offset: ['bigint', ({ sourceOffset }) => sourceOffset ?? null],
    record_key: ['text', ({ key }) => key ?? null],
    type: ['text', ({ type }) => type ?? null],
    version: ['integer', ({ version }) => version ?? null],
    issuer: ['text', ({ issuer }) => issuer ?? null],
    jti: ['text', ({ jti }) => jti ?? null],
    shape: ['text', ({ shape }) => shape],
    is_whole: ['boolean', ({ isWhole }) => isWhole],
    value_bytes: ['integer', ({ valueBytes }) => valueBytes],
    claims: ['jsonb', ({ claims }) => (claims === undefined ? null : JSON.stringify(claims))],
    group_key: ['text', ({ groupKey }) => groupKey],
    state: ['text', () => 'waiting'],
  },
  { orElse: 'ON CONFLICT DO NOTHING' },
);

/** Stores records of quarantines. What operators did with one before stays known. */
export async function putQuarantined(tx: Transaction, records: readonly QuarantinedRecord[]): Promise<void> {
  if (records.length === 0) return;
  await tx.query(insert(records));
  await tx.query(
    `UPDATE quarantined_record r SET state = a.act
     FROM unnest($1::text[], $2::bigint[]) AS sent (topic, quarantine_offset)
       JOIN quarantine_act a USING (topic, quarantine_offset)
     WHERE r.topic = sent.topic AND r.quarantine_offset = sent.quarantine_offset AND r.state = 'waiting'`,
    [records.map(({ topic }) => topic), records.map(({ offset }) => offset)],
  );
}
