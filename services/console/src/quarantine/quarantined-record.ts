import { hash } from 'node:crypto';
import { quarantineHeaders } from '@tallystick/contracts';
import {
  baseOf,
  charsMax,
  claimsOf,
  writtenAtMs,
  type IndexedRecord,
  type ReadRecord,
} from '../message-index/indexed-record.ts';
import type { Storable } from '../message-index/storable-fields.ts';
import { storedText } from '../message-index/stored-text.ts';

/** What the console keeps of a record in a quarantine. */
export interface QuarantinedRecord {
  /** The topic that the record was on before, without the prefix. */
  topic: string;
  offset: bigint;
  quarantinedAt: Date;
  reason: string;
  failedCheck: string;
  detail: string | undefined;
  /** The service that refused it. */
  consumer: string;
  sourcePartition: number | undefined;
  sourceOffset: bigint | undefined;
  key: string | undefined;
  type: string | undefined;
  version: number | undefined;
  issuer: string | undefined;
  jti: string | undefined;
  shape: string;
  isWhole: boolean;
  valueBytes: number;
  claims: Storable | undefined;
  groupKey: string;
}

/** Bytes of a group's name in addresses. */
const GROUP_KEY_CHARS = 22;

/**
 * Reads a record of a quarantine: why it is there, and what it claims.
 * @param topic the topic that the record was on before, without the prefix
 * @returns the record, and its row in the index of messages
 */
export function quarantinedRecord(
  topic: string,
  record: ReadRecord,
  nowMs: number,
): { quarantined: QuarantinedRecord; indexed: IndexedRecord } {
  const { headers, value } = record;
  const header = (name: keyof typeof quarantineHeaders): string | undefined => {
    const text = headers[quarantineHeaders[name]]?.toString('utf8');
    return text === undefined ? undefined : storedText(text, charsMax.detail);
  };
  const base = baseOf(`${topic}.quarantine`, record, writtenAtMs(record, nowMs));
  const claims = claimsOf(topic, value, base);
  const isWhole = headers[quarantineHeaders.valueDigest] === undefined;
  const reason = header('reason') ?? '';
  const failedCheck = header('check') ?? '';
  const shape = shapeOf(claims.type, claims.version, { value, isWhole });
  const groupKey = hash(
    'sha256',
    [topic, reason, failedCheck, claims.issuer ?? '', shape].join('\n'),
    'base64url',
  ).slice(0, GROUP_KEY_CHARS);
  const { type, version, issuer, jti, facts } = claims;
  return {
    quarantined: {
      topic,
      offset: record.offset,
      quarantinedAt: base.recordedAt,
      reason,
      failedCheck,
      detail: header('detail'),
      consumer: header('consumer') ?? '',
      sourcePartition: numberIn(header('sourcePartition')),
      sourceOffset: offsetIn(header('sourceOffset')),
      key: base.key,
      type,
      version,
      issuer,
      jti,
      shape,
      isWhole,
      valueBytes: numberIn(header('valueBytes')) ?? base.valueBytes,
      claims: facts,
      groupKey,
    },
    indexed: {
      ...base,
      ...claims,
      failedCheck,
      code: reason,
      detail: header('detail'),
      isEncrypted: false,
      evidence: undefined,
    },
  };
}

function shapeOf(
  type: string | undefined,
  version: number | undefined,
  { value, isWhole }: { value: Buffer | null; isWhole: boolean },
): string {
  if (type !== undefined) return version === undefined ? type : `${type} ${version}`;
  if (value === null) return isWhole ? 'empty value' : 'value not kept';
  return isWhole ? 'encrypted, or no message' : 'no message';
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function offsetIn(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,18}$/.test(text) ? BigInt(text) : undefined;
}
