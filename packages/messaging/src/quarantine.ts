import { newJti, quarantineOf, type ErrorCode } from '@tallystick/contracts';
import type { IncomingRecord, OutgoingRecord } from './record.ts';

/** Header names under which a quarantined record says why it is there. */
export const quarantineHeaders = {
  reason: 'tallystick-reason',
  check: 'tallystick-check',
  detail: 'tallystick-detail',
  sourceTopic: 'tallystick-source-topic',
  sourcePartition: 'tallystick-source-partition',
  sourceOffset: 'tallystick-source-offset',
  consumer: 'tallystick-consumer',
} as const;

const HEADER_CHARS_MAX = 1_000;
const HEADERS_MAX = 64;

export interface QuarantineReason {
  code: ErrorCode;
  check: string;
  detail?: string | undefined;
  consumer: string;
}

/** The record for a topic's quarantine: key, value and headers untouched, the reason in headers of its own. */
export function quarantineRecord(record: IncomingRecord, reason: QuarantineReason): OutgoingRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(record.headers).slice(0, HEADERS_MAX)) {
    headers[name] = value.toString('utf8').replaceAll('\0', '').slice(0, HEADER_CHARS_MAX);
  }
  headers[quarantineHeaders.reason] = reason.code;
  headers[quarantineHeaders.check] = reason.check;
  if (reason.detail !== undefined)
    headers[quarantineHeaders.detail] = reason.detail.replaceAll('\0', '').slice(0, HEADER_CHARS_MAX);
  headers[quarantineHeaders.sourceTopic] = record.topic;
  headers[quarantineHeaders.sourcePartition] = String(record.partition);
  headers[quarantineHeaders.sourceOffset] = String(record.offset);
  headers[quarantineHeaders.consumer] = reason.consumer;
  return {
    id: newJti(),
    topic: quarantineOf(record.topic),
    key: record.key,
    value: record.value ?? Buffer.alloc(0),
    headers,
  };
}
