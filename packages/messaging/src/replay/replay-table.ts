import type { DataOf, MessageOf, ReplayedBy, ServiceName } from '@tallystick/contracts';
import type { OpenedMessage } from '@tallystick/security';

/**
 * Maps each of a service's own messages to the state that its database must contain. Contracts list these messages: a
 * missing one does not compile.
 */
export type ReplayTable<Service extends ServiceName, Item> = {
  [Type in keyof ReplayedBy<Service>]: (
    message: OpenedMessage<DataOf<MessageOf<Type>>>,
  ) => readonly Item[] | Promise<readonly Item[]>;
};

/** Reads messages by a replay table, in their order; a type missing from the table yields no items. */
export async function readByTable<Item>(
  table: Readonly<
    Record<string, (message: OpenedMessage<never>) => readonly Item[] | Promise<readonly Item[]>>
  >,
  messages: readonly OpenedMessage[],
): Promise<Item[]> {
  const read = await Promise.all(
    messages.map(async (message) =>
      Object.hasOwn(table, message.definition.type)
        ? table[message.definition.type]!(message as OpenedMessage<never>)
        : [],
    ),
  );
  return read.flat();
}
