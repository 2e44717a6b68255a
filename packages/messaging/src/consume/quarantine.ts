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
 * The record for a topic's quarantine: key and value byte for byte, of its headers those that have bytes (the first under
 * each name), the reason in headers of its own. One that comes from a quarantine already gets the new reason in place of
 * the old.
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
