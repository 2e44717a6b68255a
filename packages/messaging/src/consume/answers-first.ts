import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from '@tallystick/postgres';
import type { Logger } from '@tallystick/telemetry';
import type { Kafka } from '../kafka.ts';
import { loadPositions, topicPartition } from './position.ts';
import { rangesSince, type Range } from '../replay/read-ranges.ts';

const LOOK_INTERVAL_MS = 100;
/** Longest wait without progress; then orders are taken all the same. Another replica stores its positions every 5 s. */
const STALLED_MAX_MS = 30_000;

export interface AnswersFirstOptions {
  kafka: Kafka;
  pool: Pool;
  /** Topics of other services, with the prefix. */
  topics: readonly string[];
  logger: Logger;
}

/**
 * Delays a service's own topics at its start until it has read the other services' events that exist by then. After a
 * restore a client may know an answer that the database does not know; an order that depends on it would be refused.
 */
export class AnswersFirst {
  readonly #options: AnswersFirstOptions;
  readonly #ends: readonly Range[];
  readonly #resumes: (() => void)[] = [];
  #isHeard = false;

  private constructor(options: AnswersFirstOptions, ends: readonly Range[]) {
    this.#options = options;
    this.#ends = ends;
  }

  /** Reads the present ends of the topics. */
  static async begin(options: AnswersFirstOptions): Promise<AnswersFirst> {
    const { kafka, topics } = options;
    return new AnswersFirst(options, topics.length === 0 ? [] : await rangesSince(kafka, topics, 0));
  }

  /** Whether the topic must wait. */
  holds(topic: string): boolean {
    return !this.#isHeard && !this.#options.topics.includes(topic);
  }

  /** @param resume resumes a partition that waits */
  add(resume: () => void): void {
    this.#resumes.push(resume);
  }

  /** Resolves when this or another replica has read the topics up to those ends, or the signal aborts. */
  async heard(signal: AbortSignal): Promise<void> {
    const { logger } = this.#options;
    let left = await this.#left();
    let movedAtMs = performance.now();
    while (left > 0n && !signal.aborted) {
      await pause(LOOK_INTERVAL_MS);
      const now = await this.#left();
      if (now !== left) movedAtMs = performance.now();
      left = now;
      if (performance.now() - movedAtMs < STALLED_MAX_MS) continue;
      logger.warn({ records: left }, 'consumer.answers_incomplete');
      break;
    }
    this.#isHeard = true;
    for (const resume of this.#resumes.splice(0)) resume();
  }

  /** Returns the number of records still to be read. */
  async #left(): Promise<bigint> {
    const { pool, topics } = this.#options;
    const positions = await loadPositions(pool, topics);
    const next = new Map(positions.map((one) => [topicPartition(one.topic, one.partition), one.next]));
    return this.#ends.reduce((sum, { topic, partition, from, to }) => {
      const at = next.get(topicPartition(topic, partition)) ?? from;
      return at < to ? sum + to - at : sum;
    }, 0n);
  }
}
