import { messages, register as released, type Register } from './register.ts';
import { isTopic, services, type ServiceName, type TopicName } from './topics.ts';

type Messages = typeof messages;
type Named = keyof Messages;

/** The definition of a message type. */
export type MessageOf<Type> = Extract<Messages[Named], { type: Type }>;

/** The definitions that a service handles on a topic, by their types. */
export type HandledBy<Service extends ServiceName, Topic extends TopicName> = {
  [
    Name in Named as Messages[Name] extends { topic: Topic; to: readonly (infer To)[] }
      ? Service extends To
        ? Messages[Name]['type']
        : never
      : never
  ]: Messages[Name];
};

/** The topics of the messages that a service handles. */
export type TopicOf<Service extends ServiceName> = {
  [Name in Named]: Messages[Name] extends { topic: infer Topic; to: readonly (infer To)[] }
    ? Service extends To
      ? Extract<Topic, TopicName>
      : never
    : never;
}[Named];

/** The definitions of a service's own messages that it replays after a restore, by their types. */
export type ReplayedBy<Service extends ServiceName> = {
  [
    Name in Named as Messages[Name] extends { from: readonly (infer From)[]; replay: infer Replayed }
      ? Service extends From
        ? 'state' extends Replayed
          ? Messages[Name]['type']
          : never
        : never
      : never
  ]: Messages[Name];
};

/** Returns the topics that a service consumes: those of the messages that it handles. */
export function consumedTopics(service: ServiceName, { messages: all }: Register = released): TopicName[] {
  return topicsOf(Object.values(all).filter(({ to }) => to.includes(service)));
}

/** Returns the types that a service handles on a topic. */
export function handledTypes(
  service: ServiceName,
  topic: TopicName,
  { messages: all }: Register = released,
): string[] {
  return Object.values(all)
    .filter((message) => message.topic === topic && message.to.includes(service))
    .map(({ type }) => type);
}

/**
 * Returns the topics from which a service replays its own messages after its database was restored to an earlier point.
 */
export function replayedTopics(service: ServiceName, { messages: all }: Register = released): TopicName[] {
  return topicsOf(
    Object.values(all).filter(({ from, replay }) => from.includes(service) && replay !== 'none'),
  );
}

/** Returns the services that consume a topic, each with a consumer group of its name. */
export function consumingServices(register: Register = released): ServiceName[] {
  return services.filter((service) => consumedTopics(service, register).length > 0);
}

function topicsOf(found: readonly { topic: string }[]): TopicName[] {
  return [...new Set(found.map(({ topic }) => topic).filter(isTopic))];
}
