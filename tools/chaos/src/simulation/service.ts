import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api';
import { consumedTopics, type CoreServiceName, type TopicName } from '@tallystick/contracts';
import type { IncomingMessage, Send, Subscription } from '@tallystick/messaging';
import type { Random } from '../random.ts';
import {
  partitionOf,
  partitionsOf,
  placeOf,
  type Broker,
  type SimulatedRecord,
  type SimulatedTopic,
} from './broker.ts';
import { MemoryTransaction, Table } from './database.ts';
import type { Weather } from './weather.ts';

/** The shared environment of all parts of one run. */
export interface Surroundings {
  broker: Broker;
  random: Random;
  weather: Weather;
  nowMs: () => number;
  newId: (prefix: string) => string;
}

interface OutboxRow {
  records: SimulatedRecord[];
  createdAtMs: number;
  removed: boolean;
}

/** The memory of one process of a service; a crash empties it. */
interface Replica {
  next: Map<string, number>;
  fetched: Map<string, { from: number; records: SimulatedRecord[] }>;
  queue: string[];
}

/** Longest time that a command to another service may wait there. */
const COMMAND_LIFETIME_MS = 3_600_000;
const RELAY_AGE_MS = 5_000;
const RELAY_ROWS_MAX = 20;
const BATCH_MAX = 8;
const REPLICAS = 2;

/**
 * A service as `packages/messaging` runs it, with memory instead of Postgres and Kafka. Position, inbox, state and
 * outbox change in one transaction; then the service publishes, and a relay publishes unconfirmed rows. Two processes
 * share its database, and either may own any partition.
 */
export class SimulatedService {
  readonly name: CoreServiceName;
  readonly outbox = new Table<OutboxRow>('outbox');
  readonly #positions = new Table<{ next: number }>('consumer_position');
  readonly #inbox = new Table<object>('inbox');
  readonly #around: Surroundings;
  readonly #subscriptions: Partial<Record<TopicName, Subscription>>;
  readonly #places: { topic: TopicName; partition: number }[];
  readonly #replicas: Replica[];

  constructor(
    name: CoreServiceName,
    around: Surroundings,
    subscriptions: Partial<Record<TopicName, Subscription>>,
  ) {
    this.name = name;
    this.#around = around;
    this.#subscriptions = subscriptions;
    this.#places = consumedTopics(name).flatMap((topic) =>
      partitionsOf(topic).map((partition) => ({ topic, partition })),
    );
    this.#replicas = Array.from({ length: REPLICAS }, newReplica);
  }

  /** Number of records that wait for this service. */
  get lag(): number {
    return this.#places.reduce(
      (sum, { topic, partition }) =>
        sum + this.#around.broker.log(topic, partition).length - this.#position(topic, partition),
      0,
    );
  }

  /** Number of rows whose records the broker has not confirmed. */
  get unpublished(): number {
    return [...this.outbox.rows.values()].filter(({ removed }) => !removed).length;
  }

  /** Lets one process do one of its concurrent tasks. */
  async step(): Promise<void> {
    const { random, weather } = this.#around;
    const replica = random.pick(this.#replicas);
    const does = random.whole(0, 9);
    if (does < 4) this.#fetch(replica);
    else if (does < 7) await this.#carryOutOne(replica);
    else if (does < 9) this.#publishQueue(replica);
    else if (random.chance(0.5)) this.#relay();
    else if (random.chance(weather.zombie)) replica.next.clear();
  }

  /** Processes everything without faults. @returns whether there was work to do */
  async processWaiting(): Promise<boolean> {
    const worked = this.lag > 0 || this.unpublished > 0;
    const [replica] = this.#replicas;
    for (const one of this.#replicas) this.#publishQueue(one);
    for (const place of this.#places) {
      this.#fetchFrom(replica!, place);
      await this.#carryOut(replica!, place);
    }
    this.#publishQueue(replica!);
    this.#relay(0);
    return worked;
  }

  /**
   * Runs `work` in a transaction in which it may send messages. The process may crash before or after the commit.
   * @returns the result of `work`; `undefined` if the process died
   */
  async transaction<Result>(
    work: (tx: MemoryTransaction, send: Send) => Promise<Result>,
    by = this.#replicas[0]!,
  ): Promise<Result | undefined> {
    const { random, weather, newId, nowMs } = this.#around;
    const tx = new MemoryTransaction();
    const records: SimulatedRecord[] = [];
    const result = await work(tx, (definition, data, options) => {
      const topic = definition.topic as SimulatedTopic;
      records.push({
        topic,
        key: (data as Record<string, string>)[definition.key]!,
        definition,
        data,
        iss: this.name,
        jti: newId('jti'),
        txn: options?.txn ?? newId('txn'),
        ...(definition.kind === 'command' ? { expiresAtMs: nowMs() + COMMAND_LIFETIME_MS } : {}),
      });
    });
    if (random.chance(weather.crashBeforeCommit)) {
      crash(by);
      return undefined;
    }
    const rowId = newId('row');
    if (records.length > 0) tx.insert(this.outbox, rowId, { records, createdAtMs: nowMs(), removed: false });
    tx.commit();
    if (random.chance(weather.crashAfterCommit)) {
      crash(by);
      return undefined;
    }
    if (records.length > 0) by.queue.push(rowId);
    return result;
  }

  #position(topic: TopicName, partition: number): number {
    return this.#positions.rows.get(placeOf(topic, partition))?.next ?? 0;
  }

  #fetch(replica: Replica): void {
    this.#fetchFrom(replica, this.#around.random.pick(this.#places));
  }

  #fetchFrom(replica: Replica, { topic, partition }: { topic: TopicName; partition: number }): void {
    const { random, broker } = this.#around;
    const place = placeOf(topic, partition);
    // A new owner starts at Kafka's own offset, which lags behind the position.
    const from =
      replica.next.get(place) ?? Math.max(0, this.#position(topic, partition) - random.whole(0, 3));
    const records = broker.log(topic, partition).slice(from, from + random.whole(1, BATCH_MAX));
    if (records.length > 0) replica.fetched.set(place, { from, records });
  }

  async #carryOutOne(replica: Replica): Promise<void> {
    const places = this.#places.filter(({ topic, partition }) =>
      replica.fetched.has(placeOf(topic, partition)),
    );
    if (places.length > 0) await this.#carryOut(replica, this.#around.random.pick(places));
  }

  async #carryOut(
    replica: Replica,
    { topic, partition }: { topic: TopicName; partition: number },
  ): Promise<void> {
    const place = placeOf(topic, partition);
    const batch = replica.fetched.get(place);
    replica.fetched.delete(place);
    if (batch === undefined) return;
    const from = replica.next.get(place) ?? this.#position(topic, partition);
    const todo = batch.records.slice(Math.max(0, from - batch.from));
    // The fetched records start after the position: the consumer seeks back.
    if (todo.length === 0 || batch.from > from) return;
    const to = from + todo.length;
    const subscription = this.#subscriptions[topic]!;
    const { nowMs } = this.#around;
    const messages = todo.filter(({ definition }) => subscription.types.has(definition.type)).map(opened);
    const isLate = ({ expiresAtMs }: SimulatedRecord): boolean =>
      expiresAtMs !== undefined && expiresAtMs <= nowMs();
    const late = messages.filter(({ record }) => isLate(record));
    const inTime = messages.filter(({ record }) => !isLate(record));
    const prepared = inTime.length === 0 ? undefined : await subscription.prepare?.(asMessages(inTime));
    const fenced = await this.transaction(async (tx, send) => {
      if ((tx.get(this.#positions, place)?.next ?? 0) !== from) return true;
      tx.put(this.#positions, place, { next: to });
      const fresh = inTime.filter(({ record: { iss, jti } }) => {
        const seen = `${iss} ${jti}`;
        if (tx.get(this.#inbox, seen) !== undefined) return false;
        tx.put(this.#inbox, seen, {});
        return true;
      });
      if (inTime.length > 0)
        await subscription.handle(
          {
            messages: asMessages(inTime),
            prepared,
            firstSeen: Promise.resolve(new Set(asMessages(fresh))),
          },
          tx as never,
          send,
        );
      if (late.length > 0) await subscription.onExpired?.(asMessages(late), tx as never, send);
      return false;
    }, replica);
    if (fenced === false) replica.next.set(place, to);
    else replica.next.delete(place);
  }

  #publishQueue(replica: Replica): void {
    const { random, weather } = this.#around;
    const rowIds = replica.queue;
    replica.queue = [];
    const rows = rowIds.map((rowId) => this.outbox.rows.get(rowId)!);
    if (rows.length === 0 || !this.#publish(rows.flatMap(({ records }) => records))) return;
    if (random.chance(weather.crashAfterPublish)) return crash(replica);
    for (const row of rows) row.removed = true;
  }

  /** Publishes rows that were not confirmed in time, in the order of writing. */
  #relay(ageMs = RELAY_AGE_MS): void {
    const { nowMs } = this.#around;
    const rows = [...this.outbox.rows.values()]
      .filter(({ removed, createdAtMs }) => !removed && createdAtMs <= nowMs() - ageMs)
      .slice(0, RELAY_ROWS_MAX);
    if (rows.length > 0 && this.#publish(rows.flatMap(({ records }) => records)))
      for (const row of rows) row.removed = true;
  }

  /**
   * Publishes in one request: each partition may accept or reject it, and the response may be lost. @returns whether
   * it was confirmed
   */
  #publish(records: readonly SimulatedRecord[]): boolean {
    const { broker, random, weather } = this.#around;
    if (!random.chance(weather.publishFails)) {
      for (const record of records) broker.append(record);
      return true;
    }
    const taken = new Map<string, boolean>();
    for (const record of records) {
      const place = placeOf(record.topic, partitionOf(record));
      if (!taken.has(place)) taken.set(place, random.chance(0.4));
      if (taken.get(place) === true) broker.append(record);
    }
    return false;
  }
}

function newReplica(): Replica {
  return { next: new Map(), fetched: new Map(), queue: [] };
}

function crash(replica: Replica): void {
  Object.assign(replica, newReplica());
}

interface OpenedRecord extends Pick<IncomingMessage, 'opened' | 'span' | 'spanContext'> {
  record: SimulatedRecord & { traceContext: Context };
}

const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Returns a record as a service sees it after opening it: its `jti` stands for its envelope. */
function opened(record: SimulatedRecord): OpenedRecord {
  const { definition, data, iss, jti, txn } = record;
  const claims = { iss, jti, txn, type: definition.type };
  return {
    opened: { definition, data, claims, jws: jti } as never,
    record: { ...record, traceContext: ROOT_CONTEXT },
    span,
    spanContext: ROOT_CONTEXT,
  };
}

/** Casts records to messages: no handler reads the parts that the simulation leaves out. */
function asMessages(messages: readonly OpenedRecord[]): IncomingMessage[] {
  return messages as unknown as IncomingMessage[];
}
