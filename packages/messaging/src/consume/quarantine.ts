import { hash } from 'node:crypto';
import { newJti, quarantineHeaders, quarantineOf, topicLimits, type ErrorCode } from '@tallystick/contracts';
import type { IncomingRecord, OutgoingRecord } from '../publish/record.ts';

const DETAIL_CHARS_MAX = 1_000;

export interface QuarantineReason {
  code: ErrorCode;
  check: string;
  detail?: string | undefined;
  consumer: string;
}

/** Records that are no messages: nobody can release them, so only their beginning is kept. */
const JUNK: ReadonlySet<ErrorCode> = new Set(['envelope.too_large', 'envelope.malformed']);

/**
 * The record for a topic's quarantine (its dead-letter topic): key and value byte for byte, the first value of each header,
 * and headers with the reason. Junk leaves its digest and its beginning, and a secret that was sent in the clear leaves its
 * digest alone. A record from a quarantine gets the new reason instead of the old one.
 */
export function quarantineRecord(record: IncomingRecord, reason: QuarantineReason): OutgoingRecord {
  const { topic, partition, offset, key, value } = record;
  const kept = keptOf(value, reason.code);
  return {
    id: newJti(),
    topic: quarantineOf(topic),
    key,
    value: kept,
    headers: {
      ...record.headers,
      ...(value === null || kept?.length === value.length ? {} : partsOf(value)),
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

/** Returns the part of a value that the quarantine keeps. */
function keptOf(value: Buffer | null, code: ErrorCode): Buffer | null {
  if (code === 'envelope.encryption_required') return null;
  return JUNK.has(code) ? (value?.subarray(0, topicLimits.quarantinedJunkBytesMax) ?? null) : value;
}

function partsOf(value: Buffer): Record<string, string> {
  return {
    [quarantineHeaders.valueDigest]: hash('sha256', value, 'base64url'),
    [quarantineHeaders.valueBytes]: String(value.length),
  };
}
