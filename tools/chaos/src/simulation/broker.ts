import { OUTCOMES, topics, type MessageDefinition, type TopicName } from '@tallystick/contracts';

/** The topics of outcomes are one here: each party looks for its own payments. */
export type SimulatedTopic = TopicName | typeof OUTCOMES;

const OUTCOMES_PARTITIONS = 2;

/** A message that passed the checks of its envelope, which the simulation leaves out. */
export interface SimulatedRecord {
  topic: SimulatedTopic;
  key: string;
  definition: MessageDefinition;
  data: unknown;
  iss: string;
  jti: string;
  txn: string;
  /** Expiry of a service's command: it is not executed after this time. */
  expiresAtMs?: number;
}

/** Topics as logs in memory: each key has its partition, and each partition keeps the order of writes. */
export class Broker {
  readonly #logs = new Map<string, SimulatedRecord[]>();

  append(record: SimulatedRecord): void {
    this.log(record.topic, partitionOf(record)).push(record);
  }

  log(topic: SimulatedTopic, partition: number): SimulatedRecord[] {
    const place = placeOf(topic, partition);
    const known = this.#logs.get(place);
    if (known !== undefined) return known;
    const made: SimulatedRecord[] = [];
    this.#logs.set(place, made);
    return made;
  }

  /** Returns every record of a topic, one partition after another. */
  all(topic: SimulatedTopic): SimulatedRecord[] {
    return partitionsOf(topic).flatMap((partition) => this.log(topic, partition));
  }
}

export function placeOf(topic: SimulatedTopic, partition: number): string {
  return `${topic} ${partition}`;
}

export function partitionsOf(topic: SimulatedTopic): number[] {
  return Array.from({ length: partitionCount(topic) }, (_, at) => at);
}

/** Returns the partition of a record, by its key. */
export function partitionOf({ topic, key }: Pick<SimulatedRecord, 'topic' | 'key'>): number {
  let hash = 0;
  for (const character of key) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash % partitionCount(topic);
}

function partitionCount(topic: SimulatedTopic): number {
  return topic === OUTCOMES ? OUTCOMES_PARTITIONS : topics[topic].partitions;
}
