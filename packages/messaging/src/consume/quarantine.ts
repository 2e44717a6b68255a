import { newJti, quarantineHeaders, quarantineOf, type ErrorCode } from '@tallystick/contracts';
import type { IncomingRecord, OutgoingRecord } from '../publish/record.ts';

const DETAIL_CHARS_MAX = 1_000;

export interface QuarantineReason {
  code: ErrorCode;
  check: string;
  detail?: string | undefined;
  consumer: string;
}

/**
 * The record for a topic's quarantine (its dead-letter topic): key and value byte for byte, the first value of each header,
 * and headers with the reason. A record from a quarantine gets the new reason instead of the old one.
 */
export function quarantineRecord(record: IncomingRecord, reason: QuarantineReason): OutgoingRecord {
  const { topic, partition, offset, key, value } = record;
  return {
    id: newJti(),
    topic: quarantineOf(topic),
    key,
    value,
    headers: {
      ...record.headers,
      [quarantineHeaders.reason]: reason.code,
      [quarantineHeaders.check]: reason.check,
      ...(reason.detail === undefined
        ? {}
        : { [quarantineHeaders.detail]: reason.detail.slice(0, DETAIL_CHARS_MAX) }),
      [quarantineHeaders.sourceTopic]: topic,
      [quarantineHeaders.sourcePartition]: String(partition),
      [quarantineHeaders.sourceOffset]: String(offset),
      [quarantineHeaders.consumer]: reason.consumer,
    },
  };
}
