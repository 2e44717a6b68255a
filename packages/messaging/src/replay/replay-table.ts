import type { DataOf, MessageOf, ReplayedBy, ServiceName } from '@tallystick/contracts';
import type { OpenedMessage } from '@tallystick/security';

/**
 * What each of a service's own messages tells about the state that its database must hold. Contracts say which messages
 * these are: one that is forgotten does not compile.
 */
export type ReplayTable<Service extends ServiceName, Item> = {
  [Type in keyof ReplayedBy<Service>]: (
    message: OpenedMessage<DataOf<MessageOf<Type>>>,
  ) => readonly Item[] | Promise<readonly Item[]>;
};

/** Reads messages by a replay table, in their order; a type that is not in it tells nothing. */
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
