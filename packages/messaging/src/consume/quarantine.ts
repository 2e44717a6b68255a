import { hash } from 'node:crypto';
import {
  maskCardNumbers,
  messages,
  newJti,
  quarantineHeaders,
  quarantineOf,
  topicLimits,
  type ErrorCode,
} from '@tallystick/contracts';
import { claimedType } from '@tallystick/security';
import type { IncomingRecord, OutgoingRecord } from '../publish/record.ts';
import { holdsCardNumber } from './card-numbers.ts';

const DETAIL_CHARS_MAX = 1_000;

export interface QuarantineReason {
  code: ErrorCode;
  check: string;
  detail?: string | undefined;
  consumer: string;
}

const OWN_HEADERS: ReadonlySet<string> = new Set(Object.values(quarantineHeaders));

/** Records that are no messages: nobody can release them, so only their beginning is kept. */
const JUNK: ReadonlySet<ErrorCode> = new Set(['envelope.too_large', 'envelope.malformed']);

/** Messages that travel encrypted: one of these in the clear is a secret that was sent by mistake. */
const CONFIDENTIAL: ReadonlySet<string> = new Set(
  Object.values(messages)
    .filter(({ classification }) => classification === 'confidential')
    .map(({ type }) => type),
);

/** Bytes behind the kept beginning that are searched too: a card number may begin before the cut and end behind it. */
const NUMBER_BYTES_MAX = 128;

/**
 * The record for a topic's quarantine (its dead-letter topic): key and value byte for byte, the first value of each header,
 * and headers with the reason. Junk leaves its digest and its beginning, and a secret that was sent in the clear leaves its
 * digest alone. Card numbers in key, headers and junk are masked. A record from a quarantine gets the new reason instead of
 * the old one.
 */
export function quarantineRecord(record: IncomingRecord, reason: QuarantineReason): OutgoingRecord {
  const { topic, partition, offset, key, value } = record;
  const kept = keptOf(value, reason.code);
  return {
    id: newJti(),
    topic: quarantineOf(topic),
    key: key === null ? null : masked(key),
    value: kept,
    headers: {
      ...maskedHeaders(foreignHeaders(record)),
      ...(value === null || kept?.equals(value) === true ? {} : partsOf(value)),
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

/** Returns the headers but those of a quarantine: a sender could write a reason's detail, or prevent the release. */
function foreignHeaders({ headers }: IncomingRecord): IncomingRecord['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name)));
}

/** Returns the part of a value that the quarantine keeps. */
function keptOf(value: Buffer | null, code: ErrorCode): Buffer | null {
  if (value === null || code === 'envelope.encryption_required') return null;
  if (JUNK.has(code)) {
    const { quarantinedJunkBytesMax } = topicLimits;
    const head = masked(value.subarray(0, quarantinedJunkBytesMax + NUMBER_BYTES_MAX));
    return holdsCardNumber(head) ? null : head.subarray(0, quarantinedJunkBytesMax);
  }
  // A message that passed every check has no number in a wrong field, and is released after the handler is repaired.
  if (code === 'message.handler_failed') return value;
  return CONFIDENTIAL.has(claimedType(value) ?? '') || holdsCardNumber(value) ? null : value;
}

/** Masks readable card numbers. @returns as many bytes */
function masked(bytes: Buffer): Buffer {
  return Buffer.from(maskCardNumbers(bytes.toString('latin1')), 'latin1');
}

function maskedHeaders(headers: IncomingRecord['headers']): Record<string, Buffer> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [maskCardNumbers(name), masked(value)]));
}

function partsOf(value: Buffer): Record<string, string> {
  return {
    [quarantineHeaders.valueDigest]: hash('sha256', value, 'base64url'),
    [quarantineHeaders.valueBytes]: String(value.length),
  };
}
