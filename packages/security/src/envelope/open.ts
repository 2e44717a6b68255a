import { findMessage, type ErrorCode } from '@tallystick/contracts';
import type { DecryptionKey } from '../keyring/jwk.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { TrustedKey } from '../keyring/trusted-key.ts';
import { checkContent, checkKey, checkTime, logicalTopic } from './checks.ts';
import { defaultPolicy, type EnvelopePolicy } from './claims.ts';
import type { OpenedMessage } from './opened-message.ts';
import { claimsOf, headerOf, readEnvelope, type ReadEnvelope } from './parts.ts';
import { Refusal, type EnvelopeCheck, type RefusedMessage } from './refusal.ts';
import { signatureHolds } from './signature.ts';

export type OpenResult = { ok: true; message: OpenedMessage } | { ok: false; refusal: RefusedMessage };

export interface OpenContext {
  keyring: Keyring;
  nowMs: number;
  policy?: EnvelopePolicy | undefined;
  /** The prefix of all topic names. */
  topicPrefix?: string | undefined;
  decryptionKeys?: readonly DecryptionKey[] | undefined;
  /**
   * Whether to judge the key as it was at `iat`: one that was revoked later counts. Only for who reads history, since a
   * thief of the key can choose an earlier `iat`.
   */
  asSigned?: boolean | undefined;
  /** Waits a bounded time for a key that the follower may not have read yet. */
  waitForKey?: ((kid: string) => Promise<boolean>) | undefined;
}

export interface ReceivedRecord {
  /** Full name of the topic that the record was read from. */
  topic: string;
  /** `undefined` for an envelope within another, which is not a record. */
  key: string | null | undefined;
  value: Buffer | null;
}

/**
 * Opens an envelope: runs the checks, cheap and least trusting ones first, until one fails.
 * size → shape → encryption → header allow-list → claims → key known → key valid for `iat` and not revoked →
 * signature → `aud` and `sub` → `iat` and `exp` → permission → schema.
 * The caller checks for replays, since it has the memory.
 * @returns the message or the refusal; it throws only on an internal fault
 */
export async function open(record: ReceivedRecord, context: OpenContext): Promise<OpenResult> {
  return (await openIfMine(() => false, record, context))!;
}

/**
 * Opens an envelope as {@link open} does, unless it is for another receiver.
 * @param isForOthers whether to skip a type, called before anything is verified; an unreadable or encrypted type is
 *   never skipped
 * @returns `undefined` if the envelope is skipped
 */
export async function openIfMine(
  isForOthers: (claimedType: string, claimedVersion: unknown) => boolean,
  record: ReceivedRecord,
  context: OpenContext,
): Promise<OpenResult | undefined> {
  try {
    const policy = context.policy ?? defaultPolicy;
    const envelope = await readEnvelope(record.value, context.decryptionKeys ?? [], policy);
    const { type, version } = (envelope.payload ?? {}) as { type?: unknown; version?: unknown };
    if (!envelope.encrypted && typeof type === 'string' && isForOthers(type, version)) return undefined;
    return { ok: true, message: await check(envelope, record, context) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, refusal: error.refusal };
    throw error;
  }
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

  checkKey(key, { claims, alg, asSigned: context.asSigned === true }, refuse);
  if (!(await signatureHolds(jws, alg, kid, key.verifier, context.keyring.verifiedBatches)))
    throw refuse('signature', 'envelope.signature_invalid');
  if (claims.aud !== record.topic) throw refuse('binding', 'envelope.audience_mismatch');
  if (record.key !== undefined && claims.sub !== record.key)
    throw refuse('binding', 'envelope.subject_mismatch');

  const topic = logicalTopic(record.topic, context.topicPrefix ?? '');
  const definition = findMessage(topic, claims.type);
  // Events state facts that were signed under keys of their time; a command asks for an effect now.
  if (definition?.kind === 'command' && context.keyring.freshness === 'ended')
    throw refuse('key_validity', 'envelope.keys_stale');
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

/** Returns the expired message, unless it fails another check too. */
function lateMessage(content: () => OpenedMessage): OpenedMessage | undefined {
  try {
    return content();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Waits for a key that the follower has not read yet. */
async function lateKey(kid: string, context: OpenContext): Promise<TrustedKey> {
  if (context.waitForKey !== undefined && (await context.waitForKey(kid))) {
    const late = context.keyring.find(kid);
    if (late !== undefined) return late;
  }
  throw new Refusal('key', 'envelope.key_unknown', { detail: `kid ${kid}` });
}
