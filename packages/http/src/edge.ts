import { PROTECTED_RESOURCE_PATH, register, type OperationDefinition } from '@tallystick/contracts';
import type { Pool, Transaction } from '@tallystick/postgres';
import type { Keyring } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import { context } from '@opentelemetry/api';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { auditOperator } from './audited.ts';
import { cors } from './cors.ts';
import { serveDocuments } from './documents/serve-documents.ts';
import { toWriteRequest, type EdgeRequest } from './edge-request.ts';
import { edgeServer, type EdgeServer } from './edge-server.ts';
import { health, type ReadinessCheck } from './health.ts';
import {
  requestDigest,
  scrubReplies,
  sweepEdge,
  updateReplies,
  type IdempotentRequest,
  type KeptReply,
} from './idempotency.ts';
import { limitAddress, RateLimit } from './rate-limit.ts';
import { ReadProofs } from './read-proofs.ts';
import { serveOtherMethods } from './other-methods.ts';
import type { ChallengeFacts } from './problem.ts';
import { serveProtectedResource } from './protected-resource.ts';
import { encodeReply, locationOf, sendReply, type Reply, type ResponseOf } from './reply.ts';
import { idempotencyKeyOf } from './request-headers.ts';
import { useOriginForm } from './request-target.ts';
import { serveRoute, type RouteContext, type RunRequest } from './route.ts';
import { confidentialReplyFields, sealReply } from './sealed-reply.ts';
import { SharedStatements } from './shared-statements.ts';
import type { ServerCertificate } from './tls.ts';
import type { ReadReplyKeys, WriteHandler, WriteRoute } from './write-batch.ts';
import { WriteQueue } from './write-queue.ts';

export interface EdgeOptions<Send> {
  service: string;
  /** The address that clients use, without a trailing slash; DPoP proofs name it. */
  publicUrl: string;
  /** The address that operators use for their operations; by default the same. */
  operatorUrl?: string | undefined;
  /** The authorization server, as in a token's `iss`. */
  issuer: string;
  /** The client as which people sign in on `/docs`; without it the page only shows. */
  docsClientId?: string | undefined;
  keyring: Keyring;
  /** Runs the edge's own statements. */
  pool: Pool;
  /** The pool of the handlers of reads, if it is another one. */
  readPool?: Pool;
  /** Runs a transaction whose messages are published after the commit. */
  transact: <T>(work: (tx: Transaction, send: Send) => Promise<T>) => Promise<T>;
  logger: Logger;
  /** The keys that encrypt stored responses with confidential fields; required if an operation returns such fields. */
  replyKeys?: ReadReplyKeys | undefined;
  nowMs?: () => number;
  /** For each address, and for each subject. */
  requestsPerSecondMax?: number;
  /** Trusted proxies, by CIDR: their `X-Forwarded-For` names the client's address. By default none. */
  trustedProxies?: readonly string[];
  /** The readiness checks of the service, in addition to its database. */
  needs?: readonly ReadinessCheck[];
  /** Operations that need a handler before the edge listens; by default all of the service in contracts. */
  operations?: readonly OperationDefinition[];
}

/**
 * The HTTP edge of a service. Each operation in contracts gets a handler. The edge authenticates, checks scope and
 * proof, validates every part of the request, enforces idempotency, and returns errors as problem documents.
 */
export class Edge<Send> {
  readonly app: Express;
  readonly #options: EdgeOptions<Send>;
  /** Counts a request of an address, as each operation does; for further routes of the service. */
  readonly limitAddress: RequestHandler;
  readonly #context: RouteContext;
  readonly #writes: WriteQueue<Send>;
  readonly #readProofs: ReadProofs;
  readonly #amendments: SharedStatements<KeptReply, undefined>;
  readonly #server: EdgeServer;
  /** The operations with a handler, by their ids. */
  readonly #served = new Map<string, OperationDefinition>();
  /** Response fields that are never stored in the clear. */
  readonly #confidential: string[] = [];

  constructor(options: EdgeOptions<Send>) {
    this.#options = options;
    const {
      pool,
      readPool = pool,
      logger,
      needs = [],
      requestsPerSecondMax = 500,
      trustedProxies = [],
    } = options;
    this.#writes = new WriteQueue<Send>(options);
    this.#readProofs = new ReadProofs(pool);
    this.#amendments = new SharedStatements(async (replies) => {
      await updateReplies(pool, replies);
      return replies.map(() => undefined);
    });
    this.limitAddress = limitAddress(new RateLimit('address', requestsPerSecondMax));
    const readableBy = cors((origin) => options.keyring.allowsOrigin(origin));
    this.#context = {
      ...options,
      cors: readableBy,
      operatorUrl: options.operatorUrl ?? options.publicUrl,
      nowMs: options.nowMs ?? Date.now,
      limitAddress: this.limitAddress,
      bySubject: new RateLimit('subject', requestsPerSecondMax),
      waitingForConnections: () => Math.max(pool.waitingCount, readPool.waitingCount),
      waitingWrites: () => this.#writes.length,
    };
    this.app = express();
    this.#server = edgeServer(this.app, logger, async (signal) => {
      await sweepEdge(pool, signal);
      await scrubReplies(pool, this.#confidential);
    });
    this.app.disable('x-powered-by');
    // One path for each operation, as proofs and evidence name it.
    this.app.enable('case sensitive routing');
    this.app.enable('strict routing');
    // No response may be cached, so none needs an ETag.
    this.app.disable('etag');
    this.app.set('query parser', 'simple');
    // The caller's address is the last one that no trusted proxy has.
    this.app.set('trust proxy', [...trustedProxies]);
    this.app.use(this.#server.sendConnectionClose);
    this.app.use(helmet());
    const resourceMetadata = options.publicUrl + PROTECTED_RESOURCE_PATH;
    this.app.use((_request, response, next) => {
      (response.locals as ChallengeFacts).resourceMetadata = resourceMetadata;
      next();
    });
    this.app.use(useOriginForm([options.publicUrl, options.operatorUrl ?? options.publicUrl]));
    this.app.use(health(pool, needs));
    const { publicUrl, issuer } = options;
    const operations = () => this.#served.values();
    serveProtectedResource(this.app, { publicUrl, issuer, operations }, readableBy, this.limitAddress);
    serveDocuments(
      this.app,
      { service: options.service, publicUrl, issuer, clientId: options.docsClientId },
      readableBy,
      this.limitAddress,
    );
  }

  /** Serves an operation that reads. */
  read<Operation extends OperationDefinition>(
    operation: Operation,
    handle: (request: EdgeRequest<Operation>) => Promise<Reply<ResponseOf<Operation>>>,
  ): void {
    this.#route(operation, async (_request, response, checked) => {
      const { proof } = checked.caller;
      if (proof !== undefined) await this.#readProofs.use(proof);
      const reply = await handle(checked);
      const { caller, params } = checked;
      const asked = {
        token: caller.token,
        params,
        atMs: this.#context.nowMs(),
        traceContext: context.active(),
      };
      await auditOperator(this.#options.pool, operation, asked, reply.body);
      sendReply(response, encodeReply(operation, checked.version, reply), reply.headers);
    });
  }

  /**
   * Serves an operation that changes something. Waiting requests share a transaction, which also claims their
   * idempotency keys and proofs. Each gets its own answer, and the failure of one does not fail the others.
   * @param amend may replace the first answer with a fuller one after the commit, as `Prefer: wait` requests
   * @throws Error if the response has confidential fields, and the edge has no keys to encrypt it or `amend` is given
   */
  write<Operation extends OperationDefinition>(
    operation: Operation,
    handle: WriteHandler<Operation, Send>,
    amend?: (
      reply: Reply<ResponseOf<Operation>>,
      request: EdgeRequest<Operation>,
    ) => Promise<Reply<ResponseOf<Operation>>>,
  ): void {
    const route = this.#writeRoute(operation, handle);
    if (route.replyKeys !== undefined && amend !== undefined)
      throw new Error(`${operation.id} answers with confidential fields, so its answer cannot be amended`);
    this.#route(operation, async (request, response, checked, bodyText) => {
      const idempotent: IdempotentRequest | undefined = operation.idempotent
        ? {
            subject: checked.subject,
            key: idempotencyKeyOf(request),
            digest: requestDigest(request.method, request.originalUrl, bodyText),
          }
        : undefined;
      const outcome = await this.#writes.carryOut({
        route,
        request: toWriteRequest(checked, operation, bodyText, idempotent?.key),
        idempotent,
      });
      if (outcome.kind === 'refused') throw outcome.error;
      if (outcome.kind === 'replayed') {
        sendReply(response, outcome.encoded, {
          ...locationOf(operation, checked.version, outcome.encoded),
          'Idempotency-Replayed': 'true',
        });
        return;
      }
      const reply = outcome.reply as Reply<ResponseOf<Operation>>;
      const amended = amend === undefined ? reply : await amend(reply, checked);
      const encoded = amended === reply ? outcome.encoded : encodeReply(operation, checked.version, amended);
      if (idempotent !== undefined && encoded.body !== outcome.encoded.body)
        // A confidential answer is never amended.
        await this.#amendments.add({
          request: idempotent,
          reply: sealReply(encoded, idempotent, undefined),
        });
      sendReply(response, encoded, {
        ...amended.headers,
        ...locationOf(operation, checked.version, encoded),
      });
    });
  }

  /**
   * Starts to listen.
   * @param host the local address to listen on
   * @param certificate for HTTPS; HTTP if absent
   * @returns the port
   * @throws Error that names the operations without a handler
   */
  async listen(port: number, host = '127.0.0.1', certificate?: ServerCertificate): Promise<number> {
    this.#requireComplete();
    serveOtherMethods(this.app, [...this.#served.values()], {
      allowsOrigin: (origin) => this.#options.keyring.allowsOrigin(origin),
      limitAddress: this.limitAddress,
    });
    return this.#server.listen(port, host, certificate);
  }

  /**
   * Stops when the current requests are answered, then accepts no new connections. Shortly before, it still answers but
   * announces the end of each connection: an immediate close of a persistent connection would lose a request in
   * transit.
   */
  async close(): Promise<void> {
    await this.#server.close();
  }

  #requireComplete(): void {
    const { service, operations = Object.values(register.operations) } = this.#options;
    const missing = operations
      .filter((operation) => operation.service === service && !this.#served.has(operation.id))
      .map(({ id }) => id);
    if (missing.length > 0) throw new Error(`operations without a handler: ${missing.join(', ')}`);
  }

  #writeRoute<Operation extends OperationDefinition>(
    operation: Operation,
    handle: WriteHandler<Operation, Send>,
  ): WriteRoute<Send> {
    const { replyKeys } = this.#options;
    const confidential = operation.idempotent ? confidentialReplyFields(operation) : [];
    const isSealed = confidential.length > 0;
    if (isSealed && replyKeys === undefined)
      throw new Error(
        `${operation.id} answers with confidential fields, and there are no keys to keep them with`,
      );
    this.#confidential.push(...confidential);
    return {
      operation,
      handle: handle as unknown as WriteRoute<Send>['handle'],
      replyKeys: isSealed ? replyKeys : undefined,
    };
  }

  #route<Operation extends OperationDefinition>(operation: Operation, run: RunRequest<Operation>): void {
    this.#served.set(operation.id, operation);
    serveRoute(this.app, operation, this.#context, run);
  }
}
