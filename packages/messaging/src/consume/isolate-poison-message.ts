import { isTimeout, isTransient } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import { Backoff } from './backoff.ts';
import { discard, type CheckedRecord } from './checked-record.ts';
import { FencedError } from './position.ts';
import type { IncomingRecord } from '../publish/record.ts';

/** Longest back-off; the partition waits while a message is retried alone. */
const BACKOFF_MAX_MS = 500;
/** Failures after which a message is quarantined, if other transactions succeeded meanwhile. */
const ATTEMPTS_BEFORE_QUARANTINE = 5;
/** Failures after which a message is quarantined in any case: it must not block its partition forever. */
const ATTEMPTS_MAX = 10;

/** The partition whose messages are retried one by one, and the operations that this needs. */
export interface Trial {
  topic: string;
  partition: number;
  /** Whether this consumer still owns the partition and is not stopping. */
  isRunning: () => boolean;
  heartbeat: () => Promise<void>;
  /** Opens the envelope again. */
  check: (record: IncomingRecord) => Promise<CheckedRecord>;
  /** Handles one record in its own transaction. */
  carryOut: (checked: CheckedRecord) => Promise<void>;
  /** Returns the number of successful transactions of the consumer so far. */
  successes: () => number;
  /** Forgets the position of a partition, by its `topicPartition`. */
  forget: (topicPartition: string) => void;
  logger: Logger;
}

/**
 * Finds the message that makes a batch fail and quarantines it once other transactions have succeeded. If the
 * quarantine fails too, the cause is not the message, and the message is retried.
 * @param isStale whether the database was unreachable since the messages were checked: some may have expired
 * @returns whether the partition may continue after these records
 */
export async function isolatePoisonMessage(
  checked: readonly CheckedRecord[],
  trial: Trial,
  isStale: boolean,
): Promise<boolean> {
  const successesBefore = trial.successes();
  let databaseWasAway = isStale;
  for (const first of checked) {
    const retry = new Backoff(BACKOFF_MAX_MS);
    if (databaseWasAway) discard([first]);
    let known: CheckedRecord | undefined = databaseWasAway ? undefined : first;
    let quarantined: CheckedRecord | undefined;
    let failures = 0;
    for (;;) {
      if (!trial.isRunning()) return false;
      try {
        known ??= await trial.check(first.record);
        await trial.carryOut(quarantined ?? known);
        if (quarantined !== undefined) discard([known]);
        await trial.heartbeat();
        break;
      } catch (error) {
        if (error instanceof FencedError) trial.forget(error.topicPartition);
        const { topic, partition, logger } = trial;
        logger.error(
          { err: error, topic, partition, offset: String(first.record.offset) },
          'consumer.message_failed',
        );
        await trial.heartbeat();
        await retry.wait();
        const type = known?.message?.opened.claims.type;
        if (isTransient(error)) {
          databaseWasAway = true;
          if (known !== undefined) discard([known]);
          known = undefined;
        }
        if (!mayBeTheirs(error)) continue;
        failures = quarantined === undefined ? failures + 1 : 0;
        quarantined = undefined;
        const othersSucceed = trial.successes() > successesBefore;
        // A message that times out is quarantined only if other messages succeed.
        const enough = isTimeout(error)
          ? othersSucceed && failures >= ATTEMPTS_MAX
          : failures >= (othersSucceed ? ATTEMPTS_BEFORE_QUARANTINE : ATTEMPTS_MAX);
        if (enough) quarantined = failed(first.record, type);
      }
    }
  }
  return true;
}

/** Whether a batch may have failed because of a message, so that its parts should be tried separately. */
export function mayBeTheirs(error: unknown): boolean {
  return !(error instanceof FencedError) && (!isTransient(error) || isTimeout(error));
}

function failed(record: IncomingRecord, handledType: string | undefined): CheckedRecord {
  return {
    record,
    handledType,
    refusal: { code: 'message.handler_failed', check: 'schema', detail: 'see the log of the consumer' },
  };
}
