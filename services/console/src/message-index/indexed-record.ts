import { findMessage, type Evidence, type MessageDefinition, type ServiceName } from '@tallystick/contracts';
import { holdsCardNumber, type FollowedChunk } from '@tallystick/messaging';
import {
  claimed,
  claimedKeyId,
  open,
  type Keyring,
  type OpenedMessage,
  type RefusedMessage,
} from '@tallystick/security';
import { summarizeEvidence, type EvidenceSummary } from './evidence-summary.ts';
import { recordIds } from './record-ids.ts';
import { storableFields, type Storable } from './storable-fields.ts';
import { storedIfText, storedText } from './stored-text.ts';

export type ReadRecord = FollowedChunk['records'][number];

/** What the index keeps of a record. Nothing of it is confidential. */
export interface IndexedRecord {
  /** Without the prefix. */
  topic: string;
  partition: number;
  offset: bigint;
  recordedAt: Date;
  key: string | undefined;
  type: string | undefined;
  version: number | undefined;
  issuer: string | undefined;
  kid: string | undefined;
  jti: string | undefined;
  txn: string | undefined;
  cause: string | undefined;
  traceId: string | undefined;
  /** The check that failed and its code; `undefined` if the message passed, or if it is encrypted to another. */
  failedCheck: string | undefined;
  code: string | undefined;
  detail: string | undefined;
  isEncrypted: boolean;
  evidence: EvidenceSummary | undefined;
  facts: Storable | undefined;
  valueBytes: number;
  /** The ids by which it is found. */
  ids: string[];
}

/** What records are checked against. */
export interface CheckContext {
  keyring: Keyring;
  topicPrefix: string;
  /** Waits for a key that is not known yet; not for records of third parties. */
  awaitKey: (kid: string) => Promise<boolean>;
  /** The authorization server, as in a token's `iss`. */
  issuer: string;
  publicUrls: Partial<Record<ServiceName, string>>;
  nowMs: () => number;
}

/** Longest texts that are kept, as of the claims. */
export const charsMax = { type: 120, id: 64, key: 200, detail: 500, topic: 249 } as const;
const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Checks a record as its consumer would have when it was written, with the keys of that time, and returns what may be kept.
 * A message that is encrypted to a service cannot be checked here.
 * @param topic without the prefix
 */
export async function indexRecord(
  topic: string,
  record: ReadRecord,
  context: CheckContext,
): Promise<IndexedRecord> {
  const { keyring, topicPrefix, awaitKey } = context;
  const recordedAtMs = writtenAtMs(record, context.nowMs());
  const result = await open(
    { topic: record.topic, key: record.key?.toString('utf8') ?? null, value: record.value },
    { keyring, topicPrefix, nowMs: recordedAtMs, asSigned: true, waitForKey: awaitKey },
  );
  const refusal = result.ok ? revokedBefore(result.message, recordedAtMs, keyring) : result.refusal;
  if (result.ok && refusal === undefined) return passed(topic, record, recordedAtMs, result.message, context);
  return refused(topic, record, recordedAtMs, refusal!);
}

/** A message whose key was already revoked when it was written was refused, whatever time it claims. */
function revokedBefore(
  { kid }: OpenedMessage,
  recordedAtMs: number,
  keyring: Keyring,
): RefusedMessage | undefined {
  const certificate = keyring.find(kid)?.certificate;
  return certificate?.status === 'revoked' && (certificate.revoked_since ?? 0) * 1_000 <= recordedAtMs
    ? { check: 'key_validity', code: 'envelope.key_revoked' }
    : undefined;
}

async function passed(
  topic: string,
  record: ReadRecord,
  recordedAtMs: number,
  { claims, kid, definition, data }: OpenedMessage,
  context: CheckContext,
): Promise<IndexedRecord> {
  const facts = storableFields(definition.versions[claims.version]!.data, claims.data);
  const { evidence } = data as { evidence?: Evidence };
  const base = baseOf(topic, record, recordedAtMs);
  const shown =
    evidence === undefined ? undefined : await summarizeEvidence(evidence, claims.iat * 1_000, context);
  const { request } = shown ?? {};
  return {
    ...base,
    type: claims.type,
    version: claims.version,
    issuer: claims.iss,
    kid,
    jti: claims.jti,
    txn: claims.txn,
    cause: claims.cause,
    failedCheck: undefined,
    code: undefined,
    detail: undefined,
    isEncrypted: false,
    evidence: shown,
    facts,
    ids: recordIds(facts, [
      base.key,
      claims.iss,
      claims.jti,
      claims.txn,
      claims.cause,
      kid,
      base.traceId,
      shown?.keyThumbprint,
      request?.jti,
      request?.keyThumbprint,
    ]),
  };
}

function refused(
  topic: string,
  record: ReadRecord,
  recordedAtMs: number,
  { check, code, detail }: RefusedMessage,
): IndexedRecord {
  const base = baseOf(topic, record, recordedAtMs);
  const isEncrypted = code === 'envelope.decryption_failed';
  return {
    ...base,
    ...(isEncrypted ? hintsOf(record, base.key) : claimsOf(topic, record.value, base)),
    failedCheck: isEncrypted ? undefined : check,
    code: isEncrypted ? undefined : code,
    detail: isEncrypted ? undefined : storedIfText(detail, charsMax.detail),
    isEncrypted,
    evidence: undefined,
  };
}

/** What a record says of itself that did not pass, or that cannot be checked. */
type Claimed = Pick<
  IndexedRecord,
  'type' | 'version' | 'issuer' | 'kid' | 'jti' | 'txn' | 'cause' | 'facts' | 'ids'
>;

/**
 * Reads the claims of a message that was refused. Fields are kept only if contracts know them and the message holds no card
 * number in any encoding.
 */
export function claimsOf(
  topic: string,
  value: Buffer | null,
  base: { key?: string | undefined; traceId?: string | undefined },
): Claimed {
  const claims = claimed(value);
  const text = (name: string): string | undefined => storedIfText(claims[name], charsMax.id);
  const type = storedIfText(claims['type'], charsMax.type);
  const version = typeof claims['version'] === 'number' ? claims['version'] : undefined;
  const schema = storableSchema(findMessage(topic, type ?? ''), version);
  const facts =
    schema === undefined || value === null || holdsCardNumber(value)
      ? undefined
      : storableFields(schema, claims['data']);
  const kid = value === null ? undefined : storedIfText(claimedKeyId(value.toString('latin1')), charsMax.id);
  const [issuer, jti, txn, cause] = [text('iss'), text('jti'), text('txn'), text('cause')];
  return {
    type,
    version: version !== undefined && Number.isInteger(version) && version < 2 ** 31 ? version : undefined,
    issuer,
    kid,
    jti,
    txn,
    cause,
    facts,
    ids: recordIds(facts, [base.key, issuer, jti, txn, cause, kid, base.traceId]),
  };
}

/** A confidential message that came in the clear leaves nothing of its payload. */
function storableSchema(
  definition: MessageDefinition | undefined,
  version: number | undefined,
): MessageDefinition['data'] | undefined {
  if (definition === undefined || definition.classification === 'confidential') return undefined;
  return definition.versions[version ?? 0]?.data;
}

/** Reads the headers of an encrypted message, which nobody verified. */
function hintsOf({ headers }: ReadRecord, key: string | undefined): Claimed {
  const hint = (name: string, max: number): string | undefined =>
    storedIfText(headers[name]?.toString('utf8'), max);
  const [type, jti, issuer] = [
    hint('ce_type', charsMax.type),
    hint('ce_id', charsMax.id),
    hint('ce_source', charsMax.id),
  ];
  return {
    type,
    version: undefined,
    issuer,
    kid: undefined,
    jti,
    txn: undefined,
    cause: undefined,
    facts: undefined,
    ids: recordIds(undefined, [key, issuer, jti]),
  };
}

/** Returns what is known of any record. */
export function baseOf(
  topic: string,
  record: ReadRecord,
  recordedAtMs: number,
): Pick<IndexedRecord, 'topic' | 'partition' | 'offset' | 'recordedAt' | 'key' | 'traceId' | 'valueBytes'> {
  const trace = TRACEPARENT.exec(record.headers['traceparent']?.toString('latin1') ?? '');
  return {
    topic: storedText(topic, charsMax.topic),
    partition: record.partition,
    offset: record.offset,
    recordedAt: new Date(recordedAtMs),
    key: storedIfText(record.key?.toString('utf8'), charsMax.key),
    traceId: trace?.[1],
    valueBytes: record.value?.length ?? 0,
  };
}

/** Returns when a record was written. A sender may claim any time; one that cannot be is now. */
export function writtenAtMs({ timestampMs }: ReadRecord, nowMs: number): number {
  return Number.isFinite(timestampMs) && timestampMs > 0 && timestampMs <= nowMs ? timestampMs : nowMs;
}
