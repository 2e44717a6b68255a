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
 * What a service does with the messages of a topic.
 * @template Prepared what `prepare` makes of a batch
 */
export interface Subscription<Prepared = unknown> {
  /**
   * The types that it acts on. Others, on a topic of another service, are left alone unopened: checking what has no
   * effect here would cost as much as carrying it out. On its own topics a service checks everything.
   */
  types: ReadonlySet<string>;
  /** Does what needs no database, such as checking evidence, before a transaction begins. */
  prepare?(messages: readonly IncomingMessage[]): Promise<Prepared>;
  /** Carries out the new messages of a batch, in their order, within its transaction. */
  handle(batch: Batch<Prepared>, tx: Transaction, send: Send): Promise<void>;
  /**
   * Tells senders that nothing came of their commands, which are authentic and expired. They are quarantined like any
   * other expired message; without an answer the sender would wait for ever.
   */
  onExpired?(messages: readonly IncomingMessage[], tx: Transaction, send: Send): Promise<void>;
}

/** A message, and what a use case is asked to do about it. */
export interface Asked<Item> {
  item: Item;
  message: IncomingMessage;
}

/** What a use case has at hand in the transaction of a batch. */
export interface UseCaseContext<Prepared> {
  /** What `prepare` made of the batch. */
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
 * What a service does about a batch of messages of one kind or of several.
 * @template Item what a message asks for, in the words of the service
 * @template Prepared what `prepare` makes of a batch
 */
export interface UseCase<Item, Prepared = undefined> {
  /** Does what needs no database, such as checking evidence, before the transaction begins. */
  prepare?(asked: readonly Asked<Item>[]): Promise<Prepared>;
  /** Carries out what the new messages of a batch ask for, in their order. */
  carryOut(asked: readonly Asked<Item>[], context: UseCaseContext<Prepared>): Promise<void>;
  /** Answers commands that are authentic and expired. */
  onExpired?(asked: readonly Asked<Item>[], tx: Transaction, send: Send): Promise<void>;
}

type AnyUseCase = UseCase<unknown, unknown>;

/** How a service handles a message type: what it asks for, and of which use case. Made by {@link handledBy}. */
export interface Handler<Data> {
  readonly useCase: AnyUseCase;
  readonly itemOf: (message: IncomingMessage<Data>) => unknown;
}

/**
 * Makes handlers of a use case: each says what a message of its type asks for, or `undefined` where it concerns another.
 */
export function handledBy<Item, Prepared>(
  useCase: UseCase<Item, Prepared>,
): <Data>(itemOf: (message: IncomingMessage<Data>) => Item | undefined) => Handler<Data> {
  return (itemOf) => ({ useCase: useCase as unknown as AnyUseCase, itemOf });
}

/** A handler for each type that contracts say the service handles on a topic: one that is forgotten does not compile. */
export type Handlers<Service extends ServiceName, Topic extends TopicName> = {
  [Type in keyof HandledBy<Service, Topic>]: Handler<DataOf<MessageOf<Type>>>;
};

/**
 * Makes the subscription of a service to a topic from its table of handlers.
 * Use cases are carried out in the order in which the table names them first.
 * @throws Error where the table and contracts name other types
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
      // In turn: what one writes, the next may load.
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
 * The subscriptions of a service: one for each topic with a message that it handles.
 * @throws Error where contracts name other topics
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
