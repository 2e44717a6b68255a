import * as z from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { Scope } from '../scopes.ts';
import type { ServiceName } from '../topics.ts';
import { objectiveOf, type Objective } from './objective.ts';
import { versionNumbers, type Deprecation, type Lifetime } from './version.ts';

/**
 * The proof that a caller needs in addition to an access token. `none`: a plain bearer token suffices. `dpop`: the
 * token is bound to a key, and a proof by that key (RFC 9449) covers the body with its claim `content_digest`, because
 * the request moves money or gives someone the power to.
 */
export type Proof = 'none' | 'dpop';

export type Method = 'GET' | 'POST' | 'DELETE';

/** One major version of an operation, served below `/v1`, `/v2`, …. */
export interface OperationVersion<
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> extends Lifetime {
  /** Path with its version and with its parameters in braces: `/v1/payments/{paymentId}`. */
  path: string;
  body: Body;
  response: Response;
  /** Lifts a body to the next version. Pure. The newest version has none. */
  up?: (earlier: never) => unknown;
  /** Lowers a response of the next version to this one. Pure. The newest version has none. */
  down?: (later: never) => unknown;
  /** Bodies in their wire form. */
  examples?: readonly unknown[];
}

/** An HTTP operation in the register. `path`, `body` and `response` are those of the newest version. */
export interface OperationDefinition<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  /** Evidence also names the requested operation by this id. */
  id: string;
  service: ServiceName;
  method: Method;
  path: string;
  summary: string;
  scope: Scope;
  proof: Proof;
  /** Whether an `Idempotency-Key` header is required. */
  idempotent: boolean;
  params: Params;
  query: Query;
  body: Body;
  response: Response;
  /** Statuses of success, the usual one first. */
  successStatuses: readonly [number, ...number[]];
  /** Path of the outcome without version, with fields of the response in braces; answers have it as `Location`. */
  location?: `/${string}` | undefined;
  /** Domain errors of the operation, in addition to those of every operation. */
  errors: readonly ErrorCode[];
  /** Whether it decides about identity, keys, consent or authority. Operators' requests are audited without it. */
  audited: boolean;
  objective: Objective;
  version: number;
  versions: Readonly<Record<number, OperationVersion>>;
}

const nothing = z.strictObject({});
type Nothing = typeof nothing;

interface CurrentOperation<Body extends z.ZodType, Response extends z.ZodType> {
  since: string;
  body?: Body;
  response: Response;
  examples?: readonly unknown[];
}

/** A superseded version. Created by {@link supersededOperation}. */
export interface SupersededOperation {
  since: string;
  deprecated: Deprecation;
  body?: z.ZodType;
  response: z.ZodType;
  up?: (earlier: never) => unknown;
  down: (later: never) => unknown;
  examples?: readonly unknown[];
}

/**
 * Defines a superseded version.
 * @param version.up lifts its body to the next version; required if it has a body
 * @param version.down lowers the next version's response, amounts as `bigint`, to this one
 */
export function supersededOperation<Response extends z.ZodType, Body extends z.ZodType = Nothing>(version: {
  since: string;
  deprecated: Deprecation;
  body?: Body;
  response: Response;
  up?: (earlier: z.output<Body>) => unknown;
  down: (later: never) => z.output<Response>;
  examples?: readonly unknown[];
}): SupersededOperation {
  if (version.body !== undefined && version.up === undefined) throw new Error('a body is lifted by `up`');
  return version as SupersededOperation;
}

/**
 * Defines an HTTP operation. Params, query and body are empty and closed unless given.
 * @param id its name, by which evidence also names the requested operation
 * @param spec.path without the version: `/payments/{paymentId}`
 */
export function operation<
  Response extends z.ZodType,
  Params extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
  Body extends z.ZodType = Nothing,
>(
  id: string,
  spec: {
    service: ServiceName;
    path: `/${string}`;
    summary: string;
    scope: Scope;
    proof: Proof;
    params?: Params;
    query?: Query;
    location?: `/${string}`;
    errors?: readonly ErrorCode[];
    audited?: true;
    /** The parts in which its objective differs from that of its kind. */
    objective?: Partial<Objective>;
    /** `false` if its answer must not be stored; a repeated request is then another one. */
    idempotent?: false;
    current: CurrentOperation<Body, Response>;
    /** The versions before it, by their numbers from 1. */
    earlier?: Readonly<Record<number, SupersededOperation>>;
  } & (
    | { method: Exclude<Method, 'POST'>; successStatuses?: readonly [number, ...number[]] }
    // It creates something (201), accepts it for later (202) or neither (200): only its author knows which.
    | { method: 'POST'; successStatuses: readonly [number, ...number[]] }
  ),
): OperationDefinition<Params, Query, Body, Response> {
  const { current, earlier = {}, path, ...rest } = spec;
  const version = Object.keys(earlier).length + 1;
  const at = (
    number: number,
    one: CurrentOperation<z.ZodType, z.ZodType> | SupersededOperation,
  ): OperationVersion => ({
    ...one,
    path: `/v${number}${path}`,
    body: one.body ?? nothing,
  });
  const versions: Record<number, OperationVersion> = {
    ...Object.fromEntries(Object.entries(earlier).map(([number, one]) => [number, at(Number(number), one)])),
    [version]: at(version, current),
  };
  if (versionNumbers(versions).some((number, index) => number !== index + 1))
    throw new Error(`${id}: versions are numbered from 1 without a gap`);
  const { method, successStatuses = [200] } = spec;
  return {
    errors: [],
    ...rest,
    successStatuses,
    audited: spec.audited ?? false,
    objective: objectiveOf(
      id,
      method === 'GET' ? 'read' : successStatuses.includes(202) ? 'writeWithOutcome' : 'write',
      spec.objective,
    ),
    id,
    idempotent: spec.idempotent ?? spec.method === 'POST',
    path: versions[version]!.path,
    params: spec.params ?? (nothing as unknown as Params),
    query: spec.query ?? (nothing as unknown as Query),
    body: current.body ?? (nothing as unknown as Body),
    response: current.response,
    version,
    versions,
  };
}

/** Lifts a body, decoded by the schema of its version, to the newest version. */
export function liftBody(definition: OperationDefinition, version: number, body: unknown): unknown {
  let lifted = body;
  for (let at = version; at < definition.version; at += 1)
    lifted = definition.versions[at]!.up?.(lifted as never) ?? lifted;
  return lifted;
}

/** Lowers a response of the newest version to the requested version. */
export function lowerResponse(definition: OperationDefinition, version: number, response: unknown): unknown {
  let lowered = response;
  for (let at = definition.version - 1; at >= version; at -= 1)
    lowered = definition.versions[at]!.down!(lowered as never);
  return lowered;
}

/** Builds the path of an operation's outcome in a version, from the response as JSON; `undefined` if it has none. */
export function outcomePath(
  { location }: Pick<OperationDefinition, 'location'>,
  version: number,
  response: Record<string, string>,
): string | undefined {
  return location === undefined ? undefined : operationPath({ path: `/v${version}${location}` }, response);
}

/** The path at which each service describes itself as a protected resource (RFC 9728 §3). */
export const PROTECTED_RESOURCE_PATH = '/.well-known/oauth-protected-resource';

/** The paths at which each service documents its interfaces; the page has files below its own path. */
export const DOCUMENT_PATHS = {
  openApi: '/openapi.json',
  asyncApi: '/asyncapi.json',
  page: '/docs',
  /** RFC 9727 §2 */
  catalog: '/.well-known/api-catalog',
} as const;

/** The fragments of the page at {@link DOCUMENT_PATHS} that lead to one operation and to one message. */
export const documentFragments = {
  /** As Swagger UI writes its deep links. */
  operation: ({ service, id }: Pick<OperationDefinition, 'service' | 'id'>): string => `/${service}/${id}`,
  message: (type: string): string => `message-${type}`,
} as const;

/** Builds the path of an operation: `operationPath(op, { paymentId })` → `/v1/payments/pay_…`. */
export function operationPath(
  { path }: Pick<OperationVersion, 'path'>,
  params: Record<string, string> = {},
): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`path parameter ${name} is missing`);
    return encodeURIComponent(value);
  });
}
