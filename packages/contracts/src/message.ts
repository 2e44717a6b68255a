import * as z from 'zod';
import type { Classification } from './classification.ts';
import type { TopicName, DECISIONS_AUDIENCE } from './topics.ts';

/** `command`: asks its topic's owner for something, strict and with an expiry; `event`: a fact, open and without one. */
export type MessageKind = 'command' | 'event';
export type InterfaceStatus = 'experimental' | 'stable' | 'deprecated';

export interface MessageDefinition<Type extends string = string, Data extends z.ZodType = z.ZodType> {
  type: Type;
  /** The major version: it names the schema together with `type` and the topic. */
  version: number;
  kind: MessageKind;
  topic: TopicName | typeof DECISIONS_AUDIENCE;
  status: InterfaceStatus;
  /** A `confidential` command travels as a JWE to the service that owns the topic. */
  classification: Classification;
  summary: string;
  data: Data;
  /** The record key: the id of the aggregate that the message is about. */
  key: (data: z.output<Data>) => string;
}

type Definition<Type extends string, Data extends z.ZodType> = Omit<
  MessageDefinition<Type, Data>,
  'kind' | 'version' | 'status' | 'classification'
> &
  Partial<Pick<MessageDefinition, 'version' | 'status' | 'classification'>>;

/** Defines a command. Unknown fields in its payload are refused. */
export function defineCommand<const Type extends string, Shape extends z.ZodRawShape>(
  definition: Omit<Definition<Type, z.ZodObject<Shape, z.core.$strict>>, 'data'> & { data: Shape },
): MessageDefinition<Type, z.ZodObject<Shape, z.core.$strict>> {
  return {
    version: 1,
    status: 'stable',
    classification: 'internal',
    ...definition,
    kind: 'command',
    data: z.strictObject(definition.data),
  };
}

/** Defines an event. Unknown fields in its payload are ignored, so that it may grow. */
export function defineEvent<const Type extends string, Shape extends z.ZodRawShape>(
  definition: Omit<Definition<Type, z.ZodObject<Shape, z.core.$strip>>, 'data'> & { data: Shape },
): MessageDefinition<Type, z.ZodObject<Shape, z.core.$strip>> {
  return {
    version: 1,
    status: 'stable',
    classification: 'internal',
    ...definition,
    kind: 'event',
    data: z.object(definition.data),
  };
}

/** The payload of a message as code sees it, amounts as `bigint`. */
export type DataOf<Definition> =
  Definition extends MessageDefinition<string, infer Data> ? z.output<Data> : never;
