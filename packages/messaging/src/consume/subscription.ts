import {
  consumedTopics,
  handledTypes,
  type DataOf,
  type HandledBy,
  type MessageOf,
  type ServiceName,
  type TopicName,
  type TopicOf,
} from '@tallystick/contracts';
import type { Transaction } from '@tallystick/postgres';
import type { Batch, IncomingMessage } from './batch.ts';
import type { Send } from '../publish/outbox.ts';

/**
 * A service's handling of the messages of a topic.
 * @template Prepared the result of `prepare` for a batch
 */
export interface Subscription<Prepared = unknown> {
  /**
   * The types that the service handles. Other types on another service's topic stay unopened: checking a message
   * without effect would cost as much as handling it. A service checks every message on its own topics.
   */
  types: ReadonlySet<string>;
  /** Prepares messages before the transaction, without the database, e.g. checks evidence. */
  prepare?(messages: readonly IncomingMessage[]): Promise<Prepared>;
  /** Handles the new messages of a batch, in their order, within its transaction. */
  handle(batch: Batch<Prepared>, tx: Transaction, send: Send): Promise<void>;
  /**
   * Rejects expired commands, which are authentic, by events to their senders. They are quarantined like any other
   * expired message; without an answer the sender would wait for ever.
   */
  onExpired?(messages: readonly IncomingMessage[], tx: Transaction, send: Send): Promise<void>;
}

/** A message, and its request to a use case. */
export interface Asked<Item> {
  item: Item;
  message: IncomingMessage;
}

/** The context of a use case in the transaction of a batch. */
export interface UseCaseContext<Prepared> {
  /** The result of `prepare` for the batch. */
  prepared: Prepared;
  /**
   * The messages that were not handled before; only these may take effect. The query shares its round trip with every query
   * that is sent before this is awaited.
   */
  firstSeen: Promise<ReadonlySet<IncomingMessage>>;
  tx: Transaction;
  send: Send;
}

/**
 * A service's handling of a batch of messages of one or several types.
 * @template Item the request of a message, in terms of the service
 * @template Prepared the result of `prepare` for a batch
 */
export interface UseCase<Item, Prepared = undefined> {
  /** Prepares messages before the transaction, without the database, e.g. checks evidence. */
  prepare?(asked: readonly Asked<Item>[]): Promise<Prepared>;
  /** Executes the requests of the new messages of a batch, in their order. */
  carryOut(asked: readonly Asked<Item>[], context: UseCaseContext<Prepared>): Promise<void>;
  /** Answers expired commands, which are authentic. */
  onExpired?(asked: readonly Asked<Item>[], tx: Transaction, send: Send): Promise<void>;
}

/** Creates a use case that answers new messages and expired ones alike, because an answer changes nothing. */
export function answeredAlike<Item>(
  answer: (items: readonly Item[], tx: Transaction, send: Send) => Promise<void>,
): UseCase<Item> {
  const itemsOf = (asked: readonly Asked<Item>[]): Item[] => asked.map(({ item }) => item);
  return {
    async carryOut(asked, { firstSeen, tx, send }) {
      const isNew = await firstSeen;
      await answer(itemsOf(asked.filter(({ message }) => isNew.has(message))), tx, send);
    },
    onExpired: (asked, tx, send) => answer(itemsOf(asked), tx, send),
  };
}

type AnyUseCase = UseCase<unknown, unknown>;

/** A service's handling of a message type: its use case and its request. Created by {@link handledBy}. */
export interface Handler<Data> {
  readonly useCase: AnyUseCase;
  readonly itemOf: (message: IncomingMessage<Data>) => unknown;
}

/**
 * Creates handlers of a use case, which map a message to its request, or to `undefined` if it concerns another use
 * case.
 */
export function handledBy<Item, Prepared>(
  useCase: UseCase<Item, Prepared>,
): <Data>(itemOf: (message: IncomingMessage<Data>) => Item | undefined) => Handler<Data> {
  return (itemOf) => ({ useCase: useCase as unknown as AnyUseCase, itemOf });
}

/** A handler for each type that contracts assign to the service on a topic: a missing one does not compile. */
export type Handlers<Service extends ServiceName, Topic extends TopicName> = {
  [Type in keyof HandledBy<Service, Topic>]: Handler<DataOf<MessageOf<Type>>>;
};

/**
 * Creates the subscription of a service to a topic from its table of handlers. Use cases run in the order of their
 * first entry in the table.
 * @throws Error if the table and contracts list different types
 */
export function subscription<Service extends ServiceName, Topic extends TopicName>(
  service: Service,
  topic: Topic,
  handlers: Handlers<Service, Topic>,
): Subscription {
  const table = new Map(Object.entries<Handler<never>>(handlers as Record<string, Handler<never>>));
  requireSame(`handlers of ${topic}`, [...table.keys()], handledTypes(service, topic));
  const useCases = [...new Set([...table.values()].map(({ useCase }) => useCase))];
  const askedOf = (useCase: AnyUseCase, messages: readonly IncomingMessage[]): Asked<unknown>[] =>
    messages.flatMap((message) => {
      const handler = table.get(message.opened.definition.type);
      if (handler?.useCase !== useCase) return [];
      const item = handler.itemOf(message as IncomingMessage<never>);
      return item === undefined ? [] : [{ item, message }];
    });
  return {
    types: new Set(table.keys()),
    async prepare(messages) {
      const works = await Promise.all(
        useCases.map(async (useCase) => {
          const asked = askedOf(useCase, messages);
          return {
            useCase,
            asked,
            prepared: asked.length === 0 ? undefined : await useCase.prepare?.(asked),
          };
        }),
      );
      return works.filter(({ asked }) => asked.length > 0);
    },
    async handle({ prepared, firstSeen }, tx, send) {
      const works = prepared as { useCase: AnyUseCase; asked: Asked<unknown>[]; prepared: unknown }[];
      // In turn: a use case may load the writes of the previous one.
      for (const work of works)
        await work.useCase.carryOut(work.asked, { prepared: work.prepared, firstSeen, tx, send });
    },
    async onExpired(messages, tx, send) {
      for (const useCase of useCases) {
        const asked = askedOf(useCase, messages);
        if (asked.length > 0) await useCase.onExpired?.(asked, tx, send);
      }
    },
  };
}

/**
 * Checks the subscriptions of a service: one for each topic with a message that it handles.
 * @throws Error if contracts list different topics
 */
export function subscriptions<Service extends ServiceName>(
  service: Service,
  table: Readonly<Record<TopicOf<Service>, Subscription>>,
): Partial<Record<TopicName, Subscription>> {
  requireSame(`subscriptions of ${service}`, Object.keys(table), consumedTopics(service));
  return table as Partial<Record<TopicName, Subscription>>;
}

function requireSame(what: string, given: readonly string[], wanted: readonly string[]): void {
  const missing = wanted.filter((one) => !given.includes(one));
  const unknown = given.filter((one) => !wanted.includes(one));
  if (missing.length + unknown.length > 0)
    throw new Error(
      `${what}: missing ${missing.join(', ') || 'none'}, unknown ${unknown.join(', ') || 'none'}`,
    );
}
