import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError, type OperationDefinition, type RequestEvidence } from '@tallystick/contracts';
import {
  repeat,
  type MigrationSource,
  type Pool,
  type Repeated,
  type Transaction,
} from '@tallystick/postgres';
import { parse, parseJson, type Keyring } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import * as z from 'zod';
import { authenticate, useProof, type Caller } from './authenticate.ts';
import { health, type Need } from './health.ts';
import {
  claimKey,
  keepReply,
  pruneEdge,
  requestDigest,
  type IdempotentRequest,
  type StoredReply,
} from './idempotency.ts';
import { problemHandler, sendProblem } from './problem.ts';
import { idempotencyKeyOf, waitMsOf } from './request-headers.ts';
import { createServer, type ServerCertificate } from './tls.ts';

/** Largest body, in bytes; evidence must hold it. */
const BODY_BYTES_MAX = 32_768;
/** Requests that may wait for a database connection; further ones get 503 with Retry-After. */
const WAITING_MAX = 100;
/** Requests that have no answer by then are cut off when the service stops. */
const CLOSE_TIMEOUT_MS = 5_000;
/** For clients of kept connections to hear that they end. */
const DRAIN_MS = 1_000;
const DRAIN_CHECK_INTERVAL_MS = 20;
const PRUNE_INTERVAL_MS = 60_000;

/** The tables of idempotency keys and used proofs, in the service's own database. */
export const edgeMigrations: MigrationSource = {
  scope: 'http',
  directory: new URL('../src/migrations/', import.meta.url),
  removable: ['idempotency_key', 'used_proof'],
};

/** A request that passed every check of its operation. */
export interface EdgeRequest<Operation extends OperationDefinition> {
  params: z.output<Operation['params']>;
  query: z.output<Operation['query']>;
  body: z.output<Operation['body']>;
  caller: Caller;
  /** The customer or client that the token speaks for. */
  subject: string;
  /** How long the client waits for an outcome, in milliseconds. */
  waitMs: number;
}

type ResponseOf<Operation extends OperationDefinition> = z.output<Operation['response']>;

export interface Reply<Body> {
  /** One of the operation's success statuses; the first where absent. */
  status?: number;
  body: Body;
  headers?: Record<string, string>;
}

export interface EdgeOptions<Send> {
  service: string;
  /** The address that clients use, without a slash at its end: what DPoP proofs name. */
  publicUrl: string;
  /** The authorization server, as in a token's `iss`. */
  issuer: string;
  keyring: Keyring;
  pool: Pool;
  /** Runs a transaction whose messages are published after the commit. */
  transact: <T>(work: (tx: Transaction, send: Send) => Promise<T>) => Promise<T>;
  logger: Logger;
  nowMs?: () => number;
  requestsPerSecondMax?: number;
  /** What the service needs to be ready, beside its database. */
  needs?: readonly Need[];
}

/**
 * The HTTP door of a service. Each operation of contracts gets a handler; the edge authenticates, checks scope and
 * proof, validates every part of the request, keeps idempotency, and answers errors as problem documents.
 */
export class Edge<Send> {
  readonly app: Express;
  readonly #options: EdgeOptions<Send>;
  readonly #nowMs: () => number;
  readonly #limiter: RateLimiterMemory;
  #closing = false;
  #server: Server | undefined;
  #pruning: Repeated | undefined;

  constructor(options: EdgeOptions<Send>) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#limiter = new RateLimiterMemory({ points: options.requestsPerSecondMax ?? 500, duration: 1 });
    this.app = express();
    this.app.disable('x-powered-by');
    this.app.set('query parser', 'simple');
    // Behind a proxy of the private network the caller's address is the last that the proxy added.
    this.app.set('trust proxy', 'loopback, linklocal, uniquelocal');
    this.app.use((_request, response, next) => {
      // Each connection ends behind its present request, however busy its client keeps it.
      if (this.#closing) response.setHeader('Connection', 'close');
      next();
    });
    this.app.use(helmet());
    this.app.use(health(options.pool, options.needs ?? []));
  }

  /** Serves an operation that reads. */
  read<Operation extends OperationDefinition>(
    operation: Operation,
    handle: (request: EdgeRequest<Operation>) => Promise<Reply<ResponseOf<Operation>>>,
  ): void {
    this.#route(operation, async (request, response, checked) => {
      const reply = await handle(checked);
      send(response, encode(operation, reply), reply.headers);
      void request;
    });
  }

  /**
   * Serves an operation that changes something, in one transaction with its idempotency key and its proof.
   * @param settle may turn the first answer into a fuller one after the commit, as `Prefer: wait` asks
   */
  write<Operation extends OperationDefinition>(
    operation: Operation,
    handle: (
      request: EdgeRequest<Operation> & { evidence: () => RequestEvidence },
      tx: Transaction,
      send: Send,
    ) => Promise<Reply<ResponseOf<Operation>>>,
    settle?: (
      reply: Reply<ResponseOf<Operation>>,
      request: EdgeRequest<Operation>,
    ) => Promise<Reply<ResponseOf<Operation>>>,
  ): void {
    this.#route(operation, async (request, response, checked, bodyText) => {
      const idempotent: IdempotentRequest | undefined = operation.idempotent
        ? {
            subject: checked.subject,
            key: idempotencyKeyOf(request),
            digest: requestDigest(request.method, request.originalUrl, bodyText),
          }
        : undefined;
      const outcome = await this.#options.transact(async (tx, sendMessage) => {
        if (checked.caller.proof !== undefined) await useProof(tx, checked.caller.proof);
        const first = idempotent === undefined ? undefined : await claimKey(tx, idempotent);
        if (first !== undefined) return { stored: first };
        const reply = await handle(
          { ...checked, evidence: () => evidenceOf(operation, checked.caller, bodyText) },
          tx,
          sendMessage,
        );
        const stored = encode(operation, reply);
        if (idempotent !== undefined) await keepReply(tx, idempotent, stored);
        return { stored, reply };
      });
      if (outcome.reply === undefined) {
        send(response, outcome.stored, { 'Idempotency-Replayed': 'true' });
        return;
      }
      if (settle === undefined) {
        send(response, outcome.stored, outcome.reply.headers);
        return;
      }
      const settled = await settle(outcome.reply, checked);
      const stored = encode(operation, settled);
      if (idempotent !== undefined && stored.body !== outcome.stored.body)
        await keepReply(this.#options.pool, idempotent, stored);
      send(response, stored, settled.headers);
    });
  }

  /**
   * Begins to listen.
   * @param host the address of this machine that it is reached at
   * @param certificate serves HTTPS with it; HTTP where absent
   * @returns the port
   */
  async listen(port: number, host = '127.0.0.1', certificate?: ServerCertificate): Promise<number> {
    const { logger } = this.#options;
    this.app.use((_request, response) => sendProblem(response, new CodedError('route.not_found')));
    this.app.use(problemHandler(logger));
    const server = createServer(this.app, certificate, (error) =>
      logger.error({ err: error }, 'the new certificate cannot be used; the old one stays'),
    );
    this.#server = server;
    server.listen(port, host);
    await once(server, 'listening');
    this.#pruning = repeat(
      PRUNE_INTERVAL_MS,
      () => pruneEdge(this.#options.pool),
      (fault) => logger.warn({ err: fault }, 'pruned later'),
    );
    return (server.address() as AddressInfo).port;
  }

  /**
   * Ends once the requests at hand are answered, and takes no new connection then. A moment before, it answers still and
   * says that the connection ends: closed at once, a kept one would take a request with it that is just on its way.
   */
  async close(): Promise<void> {
    const pruned = this.#pruning?.stop();
    const server = this.#server;
    if (server === undefined) return;
    this.#closing = true;
    const drainedAtMs = performance.now() + DRAIN_MS;
    while (performance.now() < drainedAtMs && (await connectionsOf(server)) > 0)
      await delay(DRAIN_CHECK_INTERVAL_MS);
    const hanging = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
    clearTimeout(hanging);
    await pruned;
  }

  #route<Operation extends OperationDefinition>(
    operation: Operation,
    run: (
      request: Request,
      response: Response,
      checked: EdgeRequest<Operation>,
      bodyText: string,
    ) => Promise<void>,
  ): void {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const method = operation.method.toLowerCase() as 'get' | 'post' | 'delete';
    const handler: RequestHandler = async (request, response) => {
      const bodyText = bodyTextOf(request, operation);
      const caller = await authenticate(request, operation, bodyText, {
        keyring: this.#options.keyring,
        issuer: this.#options.issuer,
        publicUrl: this.#options.publicUrl,
        nowMs: this.#nowMs(),
      });
      const checked: EdgeRequest<Operation> = {
        params: parse(operation.params, request.params, 'request.invalid', '/path') as z.output<
          Operation['params']
        >,
        query: parse(operation.query, { ...request.query }, 'request.invalid', '/query') as z.output<
          Operation['query']
        >,
        body: parse(operation.body, jsonOf(bodyText), 'request.invalid', '/body') as z.output<
          Operation['body']
        >,
        caller,
        subject: caller.token.subject,
        waitMs: waitMsOf(request),
      };
      await run(request, response, checked, bodyText);
    };
    this.app[method](
      path,
      // Before the body is read: refusing must be cheap.
      async (request, _response, next) => {
        await this.#limit(request);
        next();
      },
      express.text({ type: () => true, limit: BODY_BYTES_MAX, defaultCharset: 'utf-8' }),
      handler,
    );
  }

  /** Sheds what could only wait: an answer at once lets the client choose, and what was taken on is finished sooner. */
  async #limit(request: Request): Promise<void> {
    if (this.#options.pool.waitingCount > WAITING_MAX)
      throw new CodedError('service.unavailable', { detail: 'at capacity' });
    try {
      await this.#limiter.consume(request.ip ?? 'unknown');
    } catch {
      throw new CodedError('rate.limited');
    }
  }
}

const connectionsOf = async (server: Server): Promise<number> =>
  new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );

function bodyTextOf(request: Request, operation: OperationDefinition): string {
  const text = typeof request.body === 'string' ? request.body : '';
  if (operation.method === 'GET' || text === '') return '';
  if (request.is('application/json') === false) throw new CodedError('request.media_type');
  return text;
}

function jsonOf(text: string): unknown {
  if (text === '') return {};
  const value = parseJson(text);
  if (value === undefined) throw new CodedError('request.not_json');
  return value;
}

function evidenceOf(
  operation: OperationDefinition,
  { tokenText, proofText }: Caller,
  body: string,
): RequestEvidence {
  if (proofText === undefined) throw new Error(`${operation.id} is no operation with a proof`);
  return {
    kind: 'request',
    operation: operation.id,
    accessToken: tokenText,
    proof: proofText,
    body,
  };
}

function encode<Operation extends OperationDefinition>(
  operation: Operation,
  reply: Reply<ResponseOf<Operation>>,
): StoredReply {
  const body: unknown = z.encode(operation.response, reply.body as never);
  return { status: reply.status ?? operation.successStatuses[0], body: JSON.stringify(body) };
}

function send(response: Response, { status, body }: StoredReply, headers: Record<string, string> = {}): void {
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.status(status).type('application/json').send(body);
}
