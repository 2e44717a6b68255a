import { context as openTelemetry } from '@opentelemetry/api';
import { CodedError, isForOperators, type OperationDefinition } from '@tallystick/contracts';
import type { Pool } from '@tallystick/postgres';
import type { Keyring } from '@tallystick/security';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { auditOperator } from './audited.ts';
import { authenticate, type Caller } from './authenticate.ts';
import { counted, noteClient } from './count-request.ts';
import { announceDeprecation, refuseRetired } from './deprecation.ts';
import { bodyTextOf, checkRequest, type EdgeRequest } from './edge-request.ts';
import { routeOf } from './other-methods.ts';
import type { ChallengeFacts } from './problem.ts';
import type { RateLimit } from './rate-limit.ts';

/** Maximum body size in bytes; evidence must be able to contain it. */
const BODY_BYTES_MAX = 32_768;
/** Maximum number of requests waiting for a database connection; further ones get 503 with Retry-After. */
const CONNECTION_WAITING_MAX = 100;
/** Maximum number of writes waiting for a transaction; further ones also get 503. */
const WRITES_WAITING_MAX = 1_000;

/** The context of every route of an edge. */
export interface RouteContext {
  publicUrl: string;
  /** The origin of operators' operations. */
  operatorUrl: string;
  issuer: string;
  keyring: Keyring;
  pool: Pool;
  nowMs: () => number;
  /** Lets scripts of registered origins read the response. */
  cors: RequestHandler;
  limitAddress: RequestHandler;
  bySubject: RateLimit;
  /** Returns the number of statements that wait for a connection, of the pool with the most. */
  waitingForConnections: () => number;
  /** Returns the number of writes that wait for a transaction. */
  waitingWrites: () => number;
}

/** Answers a request that passed every check. */
export type RunRequest<Operation extends OperationDefinition> = (
  request: Request,
  response: Response,
  checked: EdgeRequest<Operation>,
  bodyText: string,
) => Promise<void>;

/**
 * Serves an operation at its method and the path of each version. The order is: limits, authentication, validation,
 * `run`. A version past its sunset is refused.
 */
export function serveRoute<Operation extends OperationDefinition>(
  app: Express,
  operation: Operation,
  context: RouteContext,
  run: RunRequest<Operation>,
): void {
  const method = operation.method.toLowerCase() as 'get' | 'post' | 'delete';
  for (const [number, { path }] of Object.entries(operation.versions)) {
    const version = Number(number);
    const handler: RequestHandler = async (request, response) => {
      const bodyText = bodyTextOf(request, operation);
      const caller = await authenticate(request, operation, bodyText, {
        keyring: context.keyring,
        issuer: context.issuer,
        origin: isForOperators(operation) ? context.operatorUrl : context.publicUrl,
        nowMs: context.nowMs(),
      });
      noteClient(response, caller.token.clientId);
      // A subject has one limit, from however many addresses it sends.
      await context.bySubject.count(caller.token.subject, response);
      await requireScope(operation, caller, context);
      announceDeprecation(request, response, operation, version, caller);
      await run(request, response, checkRequest(request, operation, version, caller, bodyText), bodyText);
    };
    app[method](
      routeOf(path),
      counted(operation, version),
      context.cors,
      // Before the body is read, because a refusal must be cheap.
      (_request, response, next) => {
        (response.locals as ChallengeFacts).scope = operation.scope;
        shedAtCapacity(context);
        next();
      },
      context.limitAddress,
      (_request, _response, next) => {
        refuseRetired(operation, version, context.nowMs());
        next();
      },
      express.raw({ type: () => true, limit: BODY_BYTES_MAX }),
      handler,
    );
  }
}

/**
 * Requires the scope of an operation. A refusal of an operator's operation is audited.
 * @throws CodedError `token.scope_insufficient`
 */
async function requireScope(
  operation: OperationDefinition,
  { token }: Caller,
  { pool, nowMs }: RouteContext,
): Promise<void> {
  if (token.scopes.has(operation.scope)) return;
  const refusal = new CodedError('token.scope_insufficient', {
    detail: `needs the scope ${operation.scope}`,
  });
  const asked = { token, params: {}, atMs: nowMs(), traceContext: openTelemetry.active() };
  await auditOperator(pool, operation, asked, refusal);
  throw refusal;
}

/**
 * Sheds requests that could only wait. An immediate answer lets the client decide, and accepted requests finish sooner.
 */
function shedAtCapacity({ waitingForConnections, waitingWrites }: RouteContext): void {
  if (waitingForConnections() > CONNECTION_WAITING_MAX || waitingWrites() > WRITES_WAITING_MAX)
    throw new CodedError('service.unavailable', { detail: 'at capacity' });
}
