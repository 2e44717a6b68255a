import { findMessage, outsideTopics, topics, type TopicName } from '@tallystick/contracts';
import { openIfMine, type DecryptionKey, type EnvelopePolicy, type Keyring } from '@tallystick/security';
import { recordCheck } from '@tallystick/telemetry';
import type { IncomingRecord } from '../publish/record.ts';
import type { CheckedRecord } from './checked-record.ts';
import { startMessageSpan } from './spans.ts';
import type { Subscription } from './subscription.ts';

export interface CheckOptions {
  /** This service's id. */
  service: string;
  topicPrefix: string;
  subscriptions: Partial<Record<TopicName, Subscription>>;
  keyring: Keyring;
  awaitKey: (kid: string) => Promise<boolean>;
  /** Whether this process hears of new keys as they are published. */
  hearsOfKeys: () => boolean;
  /** The keys that decrypt fields for this service, at the time of the call. */
  decryptionKeys?: () => readonly DecryptionKey[];
  policy?: EnvelopePolicy;
  nowMs: () => number;
}

/** Opens the envelope of each record. A record that does not concern this service stays unopened. */
export async function checkRecords(
  records: readonly IncomingRecord[],
  options: CheckOptions,
): Promise<CheckedRecord[]> {
  const { keyring, policy, topicPrefix, decryptionKeys, nowMs } = options;
  const openContext = {
    keyring,
    policy,
    topicPrefix,
    decryptionKeys: decryptionKeys?.(),
    nowMs: nowMs(),
  };
  const startedAt = performance.now();
  const checked = await Promise.all(
    records.map(async (record): Promise<CheckedRecord> => {
      const { topic, key, value } = record;
      const result = await openIfMine(
        (type, version) => isForOthers(topic, type, version, options),
        { topic, key: key?.toString('utf8') ?? null, value },
        { ...openContext, waitForKey: waitFor(topic, options) },
      );
      if (result === undefined) return { record };
      if (!result.ok) return { record, refusal: result.refusal };
      return {
        record,
        message: { opened: result.message, record, ...startMessageSpan(record, result.message) },
      };
    }),
  );
  if (records.length > 0) recordCheck('envelope', (performance.now() - startedAt) / 1_000 / records.length);
  return checked;
}

const fromOutside = new Set(outsideTopics());

/**
 * Returns how to wait for a key that is unknown. Nothing waits on a topic that third parties write: otherwise one of them
 * could delay all others by records under invented keys. Their keys are known here before they may use them.
 */
function waitFor(
  topic: string,
  { topicPrefix, awaitKey, hearsOfKeys }: CheckOptions,
): CheckOptions['awaitKey'] | undefined {
  return fromOutside.has(topic.slice(topicPrefix.length)) && hearsOfKeys() ? undefined : awaitKey;
}

/**
 * Whether a message on another service's topic does not concern this one. Either its type is not handled here, or a
 * later release wrote it in a version unknown here. An event is written in each version with readers, under one `jti`.
 * A type unknown to contracts is checked, and refused.
 */
function isForOthers(
  topic: string,
  type: string,
  version: unknown,
  { subscriptions, topicPrefix, service }: CheckOptions,
): boolean {
  const name = topic.slice(topicPrefix.length) as TopicName;
  if (topics[name].owner === service) return false;
  const definition = findMessage(name, type);
  if (definition === undefined) return false;
  const isLaterVersion = typeof version === 'number' && version > definition.version;
  return isLaterVersion || !subscriptions[name]!.types.has(type);
}
