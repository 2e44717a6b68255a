import * as z from 'zod';
import { isTopic, services, topicOf, type Audience, type Party, type ServiceName } from '../topics.ts';
import type { Classification } from './classification.ts';
import { objectiveOf, type Objective } from './objective.ts';
import { openReader, type Open } from './open-reader.ts';
import { versionNumbers, type Deprecation, type Lifetime } from './version.ts';

/** `command`: a request to the owner of its topic, closed and with an expiry. `event`: a fact, open and without one. */
export type MessageKind = 'command' | 'event';

/**
 * Whether each sender replays its own messages of this type after its database was restored to an earlier point.
 * `state`: they state what its database must contain; `audit`: they are entries of its audit chain; `none`: it follows
 * from other messages.
 */
export type Replay = 'state' | 'audit' | 'none';

/** One major version of a message: the claims `type` and `version` name its schema together with the topic. */
export interface MessageVersion<Data extends z.ZodType = z.ZodType> extends Lifetime {
  data: Data;
  /** Lifts the payload to the next version. Pure. The newest version has none. */
  up?: (earlier: never) => unknown;
  /** Lowers the payload of the next version to this one: an event is written in each listed version. Pure. */
  down?: (later: never) => unknown;
  /**
   * Payloads in their wire form. A superseded version needs at least one, which is lifted when the register is loaded.
   */
  examples?: readonly unknown[];
}

/** A message in the register. `data` and `version` are those of the newest version, which handlers see. */
export interface MessageDefinition<
  Type extends string = string,
  Data extends z.ZodType = z.ZodType,
  Topic extends Audience = Audience,
  From extends Party = Party,
  To extends Party = Party,
  Replayed extends Replay = Replay,
> {
  type: Type;
  kind: MessageKind;
  /** The topic of the message, or the audience of envelopes that travel inside others. */
  topic: Topic;
  from: readonly From[];
  /** The parties that handle it. */
  to: readonly To[];
  /** The record key: the field with the id of the aggregate of the message. */
  key: string;
  /** Time within which a command must be carried out, in seconds, unless its sender sets another; 0 for an event. */
  lifetimeS: number;
  /** Types of the events that answer a command. */
  outcomes: readonly string[];
  replay: Replayed;
  /** A `confidential` command travels as a JWE to the service that owns the topic. */
  classification: Classification;
  summary: string;
  /** `undefined` if no service handles it by itself: it is for clients or auditors, or travels inside other messages. */
  objective: Objective | undefined;
  version: number;
  data: Data;
  versions: Readonly<Record<number, MessageVersion>>;
}

/** The payload of a message in code: the newest version, with amounts as `bigint`. */
export type DataOf<Definition> =
  Definition extends MessageDefinition<string, infer Data> ? z.output<Data> : never;

type Shape = z.ZodRawShape;
type CommandData<S extends Shape> = z.ZodObject<S, z.core.$strict>;
type EventData<S extends Shape> = z.ZodType<
  Open<z.output<z.ZodObject<S>>>,
  z.input<z.ZodObject<S, z.core.$strip>>
>;

/** The fields of the newest version of a payload. */
export interface Current<S extends Shape> {
  since: string;
  data: S;
  examples?: readonly unknown[];
}

/** A superseded version. Created by {@link superseded}. */
export interface Superseded {
  since: string;
  deprecated: Deprecation;
  data: Shape;
  up: (earlier: never) => unknown;
  down?: (later: never) => unknown;
  examples: readonly [unknown, ...unknown[]];
}

/**
 * Defines a superseded version.
 * @param version.up lifts its payload, amounts as `bigint`, to the next version
 * @param version.down lowers the next version's payload to this one; an event needs it
 */
export function superseded<const S extends Shape>(version: {
  since: string;
  deprecated: Deprecation;
  data: S;
  up: (earlier: z.output<z.ZodObject<S>>) => unknown;
  down?: (later: never) => z.output<z.ZodObject<S>>;
  examples: readonly [unknown, ...unknown[]];
}): Superseded {
  return version as Superseded;
}

interface Common<S extends Shape> {
  summary: string;
  /** Name of the field whose value is the record key. */
  key: keyof S & string;
  /** The parts in which its objective differs from that of messages. */
  objective?: Partial<Objective>;
  /** The newest version. */
  current: Current<S>;
  /** The versions before it, by their numbers from 1. */
  earlier?: Readonly<Record<number, Superseded>>;
}

export interface CommandSpec<
  S extends Shape,
  From extends Party,
  To extends ServiceName,
  R extends Replay,
  Topic extends Audience,
> extends Common<S> {
  from: readonly From[];
  to: To;
  outcomes: readonly string[];
  replay: R;
  lifetimeS?: number;
  classification?: Classification;
  /** The audience of an envelope that travels inside others instead of on the topic of `to`. */
  audience?: Topic;
}

export interface EventSpec<
  S extends Shape,
  To extends Party,
  R extends Replay,
  Topic extends Audience,
> extends Common<S> {
  to: readonly To[];
  replay: R;
  /** Its topic; by default that of the events of its service. */
  topic?: Topic;
}

type Owner<Type extends string> = Type extends `${infer Service extends ServiceName}.${string}`
  ? Service
  : never;
type CommandTopic<To extends ServiceName> = Extract<Audience, `${To}.commands.v1`>;
type EventTopic<Type extends string> = Extract<Audience, `${Owner<Type>}.events.v1`>;

/** Default lifetime of a command between services, in seconds. */
const LIFETIME_S = 3_600;

/**
 * Defines a command. Unknown fields and enum values in its payload are refused, at any depth.
 * @param type its name; the part before the first dot is the receiving service
 */
export function command<
  const Type extends string,
  const S extends Shape,
  const From extends Party,
  const To extends ServiceName,
  const R extends Replay,
  const Topic extends Audience = CommandTopic<To>,
>(
  type: Type,
  spec: CommandSpec<S, From, To, R, Topic>,
): MessageDefinition<Type, CommandData<S>, Topic, From, To, R> {
  const { current, earlier = {}, audience, ...rest } = spec;
  const closed = (shape: Shape): z.ZodType => z.strictObject(shape);
  const on = audience ?? topicOf(spec.to, 'commands');
  return {
    lifetimeS: LIFETIME_S,
    classification: 'internal',
    ...rest,
    type,
    kind: 'command',
    topic: on as Topic,
    to: [spec.to],
    objective: handledObjective(type, on, [spec.to], spec.objective),
    ...versionsOf(type, current, earlier, closed),
  } as unknown as MessageDefinition<Type, CommandData<S>, Topic, From, To, R>;
}

/**
 * Defines an event. Its readers drop unknown fields and keep unknown enum values.
 * @param type its name; the part before the first dot is the publishing service
 */
export function event<
  const Type extends string,
  const S extends Shape,
  const To extends Party,
  const R extends Replay,
  const Topic extends Audience = EventTopic<Type>,
>(
  type: Type,
  spec: EventSpec<S, To, R, Topic>,
): MessageDefinition<Type, EventData<S>, Topic, Owner<Type>, To, R> {
  const { current, earlier = {}, topic, ...rest } = spec;
  const owner = type.slice(0, type.indexOf('.')) as ServiceName;
  for (const [number, { down }] of Object.entries(earlier))
    if (down === undefined) throw new Error(`${type} ${number}: an event that is lifted needs \`down\` too`);
  const on = topic ?? topicOf(owner, 'events');
  return {
    ...rest,
    type,
    kind: 'event',
    topic: on,
    from: [owner],
    objective: handledObjective(type, on, spec.to, spec.objective),
    lifetimeS: 0,
    outcomes: [],
    classification: 'internal',
    ...versionsOf(type, current, earlier, (shape) => openReader(z.object(shape))),
  } as unknown as MessageDefinition<Type, EventData<S>, Topic, Owner<Type>, To, R>;
}

function handledObjective(
  type: string,
  topic: Audience,
  to: readonly Party[],
  override?: Partial<Objective>,
): Objective | undefined {
  const isHandled = isTopic(topic) && to.some((party) => (services as readonly Party[]).includes(party));
  if (!isHandled && override !== undefined)
    throw new Error(`${type}: no service handles it, so it has no objective`);
  return isHandled ? objectiveOf(type, 'message', override) : undefined;
}

function versionsOf(
  type: string,
  current: Current<Shape>,
  earlier: Readonly<Record<number, Superseded>>,
  schemaOf: (shape: Shape) => z.ZodType,
): Pick<MessageDefinition, 'version' | 'data' | 'versions'> {
  const version = Object.keys(earlier).length + 1;
  const versions: Record<number, MessageVersion> = {
    ...Object.fromEntries(
      Object.entries(earlier).map(([number, one]) => [number, { ...one, data: schemaOf(one.data) }]),
    ),
    [version]: { ...current, data: schemaOf(current.data) },
  };
  if (versionNumbers(versions).some((number, at) => number !== at + 1))
    throw new Error(`${type}: versions are numbered from 1 without a gap`);
  return { version, data: versions[version]!.data, versions };
}

/**
 * Lifts the payload of a version to the newest.
 * @param data the payload, decoded by the schema of its version
 */
export function lift(definition: MessageDefinition, version: number, data: unknown): unknown {
  let lifted = data;
  for (let at = version; at < definition.version; at += 1)
    lifted = definition.versions[at]!.up!(lifted as never);
  return lifted;
}

/** Lowers the newest payload of an event to an earlier version, for readers without a newer one. */
export function lower(definition: MessageDefinition, version: number, data: unknown): unknown {
  let lowered = data;
  for (let at = definition.version - 1; at >= version; at -= 1)
    lowered = definition.versions[at]!.down!(lowered as never);
  return lowered;
}

/** Returns whether a message, in any version, has this definition; its payload then has the definition's type. */
export function isOf<
  Message extends { definition: MessageDefinition; data: unknown },
  Definition extends MessageDefinition,
>(message: Message, definition: Definition): message is Message & { data: DataOf<Definition> } {
  return (message.definition as MessageDefinition) === definition;
}
