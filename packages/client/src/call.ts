import type { Open, OperationDefinition } from '@tallystick/contracts';
import type * as z from 'zod';

/** An optional part if nothing in it is required. */
type Part<Name extends string, Value, Loose> = unknown extends Value
  ? { [Key in Name]?: Loose | undefined }
  : Record<string, never> extends Value
    ? { [Key in Name]?: Value | undefined }
    : { [Key in Name]: Value };

type Defaulted<Shape> = {
  [Name in keyof Shape]: Shape[Name] extends z.ZodDefault ? Name : never;
}[keyof Shape];

/** A body as the caller gives it: fields with a default are optional. */
type BodyOf<Body extends z.ZodType> =
  Body extends z.ZodObject<infer Shape>
    ? Omit<z.output<Body>, Defaulted<Shape>> &
        Partial<Pick<z.output<Body>, Defaulted<Shape> & keyof z.output<Body>>>
    : z.output<Body>;

/** The values of a request that are not in its schemas. */
export interface CallOptions {
  /** Names the order, so that a repeated call has one effect. Made for each call unless given. */
  idempotencyKey?: string | undefined;
  /** How long the service waits for the outcome of a payment, in seconds (RFC 7240); at most 30. */
  waitS?: number | undefined;
  /** Ends the call; no further attempt follows. */
  signal?: AbortSignal | undefined;
}

type ParamsOf<Operation extends OperationDefinition> = Part<
  'params',
  z.output<Operation['params']>,
  Record<string, string>
>;

interface QueryOf<Operation extends OperationDefinition> {
  query?:
    | (unknown extends z.output<Operation['query']>
        ? Record<string, unknown>
        : Partial<z.output<Operation['query']>>)
    | undefined;
}

/** A call of an operation's newest version. Amounts in the body are `bigint`. */
export type Call<Operation extends OperationDefinition> = CallOptions &
  ParamsOf<Operation> &
  QueryOf<Operation> &
  Part<'body', BodyOf<Operation['body']>, unknown>;

/** A call of an earlier version. Amounts in its body are `bigint`. */
export type EarlierCall<Operation extends OperationDefinition> = CallOptions &
  ParamsOf<Operation> &
  QueryOf<Operation> & { version: number; body?: unknown };

/** The call of an operation, which may be left out if nothing in it is required. */
export type CallArguments<Operation extends OperationDefinition> =
  Record<string, never> extends Call<Operation> ? [call?: Call<Operation>] : [call: Call<Operation>];

/** A successful answer. */
export interface Answer<Body> {
  status: number;
  /** Decoded: amounts are `bigint`. Closed sets may hold a value that a later release added. */
  body: Body;
  /** The body as it came. */
  text: string;
  headers: Headers;
  /** Whether this is the stored answer to an earlier request under the same key. */
  isReplay: boolean;
  /** The number of requests that were sent for it. */
  attempts: number;
}

/** The decoded body of an operation's answer. */
export type AnswerBody<Operation extends OperationDefinition> = Open<z.output<Operation['response']>>;

/** The items of an operation that answers with pages, and `never` for any other operation. */
export type ItemOf<Operation extends OperationDefinition> =
  AnswerBody<Operation> extends infer Page
    ? 'nextCursor' extends keyof Page
      ? { [Key in keyof Page]-?: Page[Key] extends readonly (infer Item)[] ? Item : never }[keyof Page]
      : never
    : never;
