import { newJti } from '@tallystick/contracts';
import type { OutgoingRecord } from '@tallystick/messaging';
import { repeat, type Pool, type Repeated } from '@tallystick/postgres';
import { signRevocation, type SigningKey } from '@tallystick/security';
import { REVOCATION_KEPT_S } from './revocation-lifetime.ts';
import { KEY_TOPIC } from '../messages/key-records.ts';
import {
  hasRevocationsToPublish,
  takeEnded,
  takeUnpublished,
  type Revocation,
} from '../store/revocations.ts';
import type { Transact } from './transact.ts';

/** Interval of lookups for revocations. Every service has heard of one within two seconds. */
const LOOKUP_INTERVAL_MS = 250;
const BATCH_MAX = 500;
/** Longest time by which a token may be dated after its revocation: clocks differ, and its request may have been under way. */
const DATED_AFTER_MAX_S = 2;
export interface RevocationsOptions {
  pool: Pool;
  transact: Transact;
  /** The registrar's current key. */
  key: () => SigningKey;
  topicPrefix: string;
  nowMs: () => number;
  onFailure: (error: unknown) => void;
}

/**
 * Publishes revocations on the key topic, which every process follows: within two seconds each service refuses the
 * tokens, also if this service is down afterwards. Revocations that are no longer needed are deleted there.
 */
export function publishRevocations(options: RevocationsOptions): Repeated {
  return repeat(LOOKUP_INTERVAL_MS, () => publishOnce(options), options.onFailure);
}

async function publishOnce(options: RevocationsOptions): Promise<void> {
  const { pool, transact, key, topicPrefix, nowMs } = options;
  const topic = topicPrefix + KEY_TOPIC;
  const before = new Date(nowMs() - REVOCATION_KEPT_S * 1_000);
  if (!(await hasRevocationsToPublish(pool, before))) return;
  await transact(async (tx, publish) => {
    const revoked = await takeUnpublished(tx, BATCH_MAX);
    const ended = await takeEnded(tx, before, BATCH_MAX);
    const signed = await Promise.all(
      revoked.map(async (one) => recordOf(topic, one, await signRevocation(claimsOf(one), key()))),
    );
    publish([...signed, ...ended.map((one) => recordOf(topic, one, null))]);
  });
}

function claimsOf({ kind, id, revokedAt }: Revocation): Parameters<typeof signRevocation>[0] {
  const iat = Math.ceil(revokedAt.getTime() / 1_000) + DATED_AFTER_MAX_S;
  return { kind, id, iat, exp: iat + REVOCATION_KEPT_S };
}

/** @param value `null` deletes the record with this key from the compacted topic */
function recordOf(topic: string, { kind, id }: Revocation, value: string | null): OutgoingRecord {
  return {
    id: newJti(),
    topic,
    key: Buffer.from(`revocation ${kind} ${id}`),
    value: value === null ? null : Buffer.from(value),
    headers: value === null ? {} : { 'content-type': 'application/jose' },
  };
}
