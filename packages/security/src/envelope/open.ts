import {
  findMessage,
  isRetired,
  lift,
  type ErrorCode,
  type Fault,
  type MessageDefinition,
  envelopeClaims,
  envelopeHeader,
  type EnvelopeClaims,
  BATCH_ALG,
} from '@tallystick/contracts';
import { compactDecrypt } from 'jose';
import type { DecryptionKey } from '../keyring/jwk.ts';
import type { Keyring, TrustedKey } from '../keyring/keyring.ts';
import { decodeBase64url } from '../parse/base64url.ts';
import { faultsOf, parseJson } from '../parse/parse.ts';
import { areEnvelopeClaims, defaultPolicy, type EnvelopePolicy } from './claims.ts';
import { signatureHolds } from './signature.ts';

/** The checks by name, in the order in which they are made. */
export type EnvelopeCheck =
  | 'size'
  | 'shape'
  | 'encryption'
  | 'header'
  | 'claims'
  | 'key'
  | 'key_validity'
  | 'signature'
  | 'binding'
  | 'time'
  | 'permission'
  | 'schema';

/** A message that passed every check but the one for replays, which needs the receiver's memory. */
export interface OpenedMessage<Data = unknown> {
  definition: MessageDefinition;
  /** As they were signed: `version` and `data` are those that came. */
  claims: EnvelopeClaims;
  /** The payload, decoded and lifted to the newest version: amounts are `bigint`. */
  data: Data;
  kid: string;
  /** Until when (`iss`, `jti`) must be remembered, in seconds: past it the message would be refused anyway. */
  rememberUntilS: number;
  /** The compact JWS, byte for byte, for use as evidence. */
  jws: string;
}

/** A message that failed a check. Says which and where, and nothing of the content. */
export interface RefusedMessage {
  code: ErrorCode;
  check: EnvelopeCheck;
  detail?: string | undefined;
  faults?: readonly Fault[] | undefined;
  /**
   * The message, where it has expired and is authentic and well formed otherwise: nothing may come of it, but its sender
   * may be told.
   */
  late?: OpenedMessage | undefined;
  /** The claimed issuer, unverified, for the metric alone. */
  claimedIssuer?: string | undefined;
}

export type OpenResult = { ok: true; message: OpenedMessage } | { ok: false; refusal: RefusedMessage };

export interface OpenContext {
  keyring: Keyring;
  nowMs: number;
  policy?: EnvelopePolicy | undefined;
  /** What stands before the names in contracts, where topics have a prefix. */
  topicPrefix?: string | undefined;
  decryptionKeys?: readonly DecryptionKey[] | undefined;
  /** Waits, bounded, for a key that the follower may not have read yet. */
  waitForKey?: ((kid: string) => Promise<boolean>) | undefined;
}

export interface ReceivedRecord {
  /** Full name of the topic that the record was read from. */
  topic: string;
  /** `undefined`: an envelope that travels within another and is no record of its own. */
  key: string | null | undefined;
  value: Buffer | null;
}

class Refusal extends Error {
  readonly refusal: RefusedMessage;
  constructor(check: EnvelopeCheck, code: ErrorCode, rest: Omit<RefusedMessage, 'check' | 'code'> = {}) {
    super(code);
    this.refusal = { check, code, ...rest };
  }
}

const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const COMPACT_JWE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Opens an envelope: the cheapest and least trusting checks first, and the first that fails decides.
 * size → shape → encryption → header allow-list → claims → key known → key valid for `iat` and not revoked →
 * signature → `aud` and `sub` → `iat` and `exp` → permission → schema.
 * Whether the message was seen before is for the caller, who keeps the memory.
 * @returns the message or the refusal; it throws only on a fault of its own
 */
export async function open(record: ReceivedRecord, context: OpenContext): Promise<OpenResult> {
  return (await openIfMine(() => false, record, context))!;
}

/**
 * Opens an envelope, as {@link open} does, unless it is for somebody else.
 * @param isForOthers whether a type is left alone, asked before anything is verified; a type that cannot be read, or is
 *   confidential, is not left alone
 * @returns `undefined` for what is left alone
 */
export async function openIfMine(
  isForOthers: (claimedType: string, claimedVersion: unknown) => boolean,
  record: ReceivedRecord,
  context: OpenContext,
): Promise<OpenResult | undefined> {
  try {
    const text = textOf(record.value, context.policy ?? defaultPolicy);
    const encrypted = !COMPACT_JWS.test(text);
    const envelope = read(encrypted ? await decrypt(text, context.decryptionKeys ?? []) : text, encrypted);
    const { type, version } = (envelope.payload ?? {}) as { type?: unknown; version?: unknown };
    if (!envelope.encrypted && typeof type === 'string' && isForOthers(type, version)) return undefined;
    return { ok: true, message: await check(envelope, record, context) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, refusal: error.refusal };
    throw error;
  }
}

/**
 * The type that a message claims, unverified: enough to leave alone what is for somebody else, and for nothing more.
 * @returns `undefined` where the value is no compact JWS with a type
 */
export function claimedType(value: Buffer | null): string | undefined {
  const { type } = claimed(value);
  return typeof type === 'string' ? type : undefined;
}

/** Who a message claims to be from and its id, unverified: enough to leave alone what is somebody else's. */
export function claimedSender(value: Buffer | null): { iss: string; jti: string } | undefined {
  const { iss, jti } = claimed(value);
  return typeof iss === 'string' && typeof jti === 'string' ? { iss, jti } : undefined;
}

/** When a message claims to expire, in seconds, unverified; `undefined` where it says nothing that can be read. */
export function claimedExpiryS(value: Buffer | null): number | undefined {
  const { exp } = claimed(value);
  return typeof exp === 'number' ? exp : undefined;
}

/** The claims of a compact JWS, unverified: for what decides nothing. */
export function claimed(value: Buffer | null): Record<string, unknown> {
  if (value === null || value.length > defaultPolicy.valueBytesMax) return {};
  const [, payload, signature] = value.toString('latin1').split('.', 3);
  if (payload === undefined || signature === undefined) return {};
  return (jsonPart(payload) ?? {}) as Record<string, unknown>;
}

/** The key that a compact JWS names in its header, unverified; `undefined` where it names none. */
export function claimedKeyId(jws: string): string | undefined {
  const { kid } = (jsonPart(jws.slice(0, Math.max(0, jws.indexOf('.')))) ?? {}) as { kid?: unknown };
  return typeof kid === 'string' ? kid : undefined;
}

/** An envelope that was taken apart, and not verified. */
interface ReadEnvelope {
  jws: string;
  encrypted: boolean;
  /** What the payload is as JSON; `undefined` where it is none. */
  payload: unknown;
}

function read(jws: string, encrypted: boolean): ReadEnvelope {
  const payload = jsonPart(jws.slice(jws.indexOf('.') + 1, jws.lastIndexOf('.')));
  return { jws, encrypted, payload };
}

async function check(
  { jws, encrypted, payload }: ReadEnvelope,
  record: ReceivedRecord,
  context: OpenContext,
): Promise<OpenedMessage> {
  const policy = context.policy ?? defaultPolicy;
  const { kid, alg } = headerOf(jws);
  const claims = claimsOf(payload);
  const key = context.keyring.find(kid) ?? (await lateKey(kid, context));
  const refuse = (checkName: EnvelopeCheck, code: ErrorCode, rest: Partial<RefusedMessage> = {}): Refusal =>
    new Refusal(checkName, code, { claimedIssuer: claims.iss, ...rest });

  checkKey(key, claims, alg, refuse);
  if (!(await signatureHolds(jws, alg, kid, key.verifier, context.keyring.verifiedBatches)))
    throw refuse('signature', 'envelope.signature_invalid');
  if (claims.aud !== record.topic) throw refuse('binding', 'envelope.audience_mismatch');
  if (record.key !== undefined && claims.sub !== record.key)
    throw refuse('binding', 'envelope.subject_mismatch');

  const topic = logicalTopic(record.topic, context.topicPrefix ?? '');
  const definition = findMessage(topic, claims.type);
  const content = (rememberUntilS: number): OpenedMessage => {
    const data = checkContent({ key, topic, definition, claims, encrypted, nowMs: context.nowMs }, refuse);
    return { ...data, claims, kid, rememberUntilS, jws };
  };
  try {
    return content(checkTime(definition?.kind, claims, context.nowMs, policy, refuse));
  } catch (error) {
    if (!(error instanceof Refusal) || error.refusal.code !== 'envelope.expired') throw error;
    throw refuse('time', 'envelope.expired', { late: lateMessage(() => content(claims.exp ?? 0)) });
  }
}

/** The message behind an expiry, unless something else is wrong with it too. */
function lateMessage(content: () => OpenedMessage): OpenedMessage | undefined {
  try {
    return content();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function checkContent(
  {
    key,
    topic,
    definition,
    claims,
    encrypted,
    nowMs,
  }: {
    key: TrustedKey;
    topic: string;
    definition: MessageDefinition | undefined;
    claims: EnvelopeClaims;
    encrypted: boolean;
    nowMs: number;
  },
  refuse: Refuse,
): { definition: MessageDefinition; data: unknown } {
  if (!mayUse(key, topic, claims.type)) throw refuse('permission', 'envelope.not_permitted');
  const version = definition?.versions[claims.version];
  if (definition === undefined || version === undefined) throw refuse('schema', 'envelope.type_unknown');
  if (isRetired(version, nowMs)) throw refuse('schema', 'interface.retired');
  if (definition.classification === 'confidential' && !encrypted)
    throw refuse('encryption', 'envelope.encryption_required');
  const payload = version.data.safeParse(claims.data);
  if (!payload.success)
    throw refuse('schema', 'envelope.schema_invalid', { faults: faultsOf(payload.error, '/data') });
  const data = lift(definition, claims.version, payload.data) as Record<string, unknown>;
  if (data[definition.key] !== claims.sub) {
    throw refuse('schema', 'envelope.subject_mismatch', {
      detail: 'sub is not the id that the payload is about',
    });
  }
  return { definition, data };
}

function textOf(value: Buffer | null, policy: EnvelopePolicy): string {
  if (value === null || value.length === 0)
    throw new Refusal('shape', 'envelope.malformed', { detail: 'empty value' });
  if (value.length > policy.valueBytesMax) {
    throw new Refusal('size', 'envelope.too_large', {
      detail: `${value.length} bytes, at most ${policy.valueBytesMax}`,
    });
  }
  // Compact serializations are ASCII; latin1 keeps every other byte visible to the pattern that refuses it.
  return value.toString('latin1');
}

async function decrypt(jwe: string, keys: readonly DecryptionKey[]): Promise<string> {
  if (!COMPACT_JWE.test(jwe)) throw new Refusal('shape', 'envelope.malformed');
  const header = jsonPart(jwe.slice(0, jwe.indexOf('.'))) as { kid?: unknown } | undefined;
  const key = keys.find(({ kid }) => kid === header?.kid);
  if (key === undefined)
    throw new Refusal('encryption', 'envelope.decryption_failed', { detail: 'encrypted to another key' });
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, key.privateKey, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    const allowed = new Set(['alg', 'enc', 'epk', 'cty', 'kid']);
    if (protectedHeader.cty !== 'JWT' || Object.keys(protectedHeader).some((name) => !allowed.has(name))) {
      throw new Refusal('header', 'envelope.header_refused', { detail: 'JWE header' });
    }
    const jws = new TextDecoder('latin1').decode(plaintext);
    if (!COMPACT_JWS.test(jws)) throw new Refusal('shape', 'envelope.malformed');
    return jws;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('encryption', 'envelope.decryption_failed');
  }
}

/** Headers that were parsed before: a sender's are all the same, to the byte. */
const knownHeaders = new Map<string, { kid: string; alg: string }>();
const HEADERS_KNOWN_MAX = 256;
/** No sender needs more; nobody may fill the memory with blanks. */
const KNOWN_HEADER_LENGTH_MAX = 512;

function headerOf(jws: string): { kid: string; alg: string } {
  const part = jws.slice(0, jws.indexOf('.'));
  const known = knownHeaders.get(part);
  if (known !== undefined) return known;
  const header = jsonPart(part);
  if (header === undefined)
    throw new Refusal('shape', 'envelope.malformed', { detail: 'the header is not JSON' });
  const result = envelopeHeader.safeParse(header);
  if (!result.success)
    throw new Refusal('header', 'envelope.header_refused', { faults: faultsOf(result.error, '/header') });
  if (part.length > KNOWN_HEADER_LENGTH_MAX) return result.data;
  const [oldest] = knownHeaders.keys();
  if (knownHeaders.size >= HEADERS_KNOWN_MAX && oldest !== undefined) knownHeaders.delete(oldest);
  // A copy: a slice would keep the whole message in memory.
  knownHeaders.set(Buffer.from(part, 'latin1').toString('latin1'), result.data);
  return result.data;
}

function claimsOf(payload: unknown): EnvelopeClaims {
  if (payload === undefined)
    throw new Refusal('shape', 'envelope.malformed', { detail: 'the payload is not JSON' });
  if (areEnvelopeClaims(payload)) return payload;
  const result = envelopeClaims.safeParse(payload);
  if (!result.success)
    throw new Refusal('claims', 'envelope.claims_invalid', { faults: faultsOf(result.error) });
  return result.data;
}

function jsonPart(part: string): unknown {
  return parseJson(decodeBase64url(part));
}

/** A key that the follower reads only now. */
async function lateKey(kid: string, context: OpenContext): Promise<TrustedKey> {
  if (context.waitForKey !== undefined && (await context.waitForKey(kid))) {
    const late = context.keyring.find(kid);
    if (late !== undefined) return late;
  }
  throw new Refusal('key', 'envelope.key_unknown', { detail: `kid ${kid}` });
}

type Refuse = (check: EnvelopeCheck, code: ErrorCode, rest?: Partial<RefusedMessage>) => Refusal;

function checkKey(
  { certificate, producerId }: TrustedKey,
  claims: EnvelopeClaims,
  alg: string,
  refuse: Refuse,
): void {
  if (certificate.use !== 'sig')
    throw refuse('key_validity', 'envelope.key_not_valid', { detail: 'not a signing key' });
  if (certificate.status === 'revoked') throw refuse('key_validity', 'envelope.key_revoked');
  if (claims.iat < certificate.nbf || claims.iat >= certificate.exp)
    throw refuse('key_validity', 'envelope.key_not_valid');
  if (alg === BATCH_ALG && certificate.batch !== true)
    throw refuse('key_validity', 'envelope.key_not_valid', { detail: 'the key may not sign batches' });
  if (claims.iss !== producerId) throw refuse('key_validity', 'envelope.issuer_mismatch');
}

function checkTime(
  kind: 'command' | 'event' | undefined,
  { iat, exp }: EnvelopeClaims,
  nowMs: number,
  policy: EnvelopePolicy,
  refuse: Refuse,
): number {
  const nowS = nowMs / 1000;
  if (iat > nowS + policy.clockSkewS) throw refuse('time', 'envelope.issued_in_future');
  if (exp !== undefined && exp + policy.clockSkewS <= nowS) throw refuse('time', 'envelope.expired');
  // An unknown type is refused as such, further down.
  if (kind === undefined) return iat;
  if (kind === 'event') {
    if (iat + policy.eventHorizonS <= nowS) throw refuse('time', 'envelope.too_old');
    return iat + policy.eventHorizonS;
  }
  if (exp === undefined) throw refuse('time', 'envelope.expiry_missing');
  if (exp - iat > policy.commandLifetimeMaxS) throw refuse('time', 'envelope.lifetime_too_long');
  return exp + policy.clockSkewS;
}

/** Whether a certificate lets its key send this type to this audience. */
export function mayUse({ certificate }: TrustedKey, audience: string, type: string): boolean {
  return certificate.permissions.some(({ topic, types }) => topic === audience && types.includes(type));
}

function logicalTopic(topic: string, prefix: string): string {
  return topic.startsWith(prefix) ? topic.slice(prefix.length) : topic;
}
