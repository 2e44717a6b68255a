import type { OperationDefinition, ServiceName } from '@tallystick/contracts';
import * as z from 'zod';
import type { Access } from './access.ts';
import { NoAnswerError, UnreadableAnswerError } from './answer-errors.ts';
import type { Answer, AnswerBody, CallArguments, CallOptions, EarlierCall, ItemOf } from './call.ts';
import { readerOf, writerOf } from './body-schemas.ts';
import { deprecationOf, type DeprecationNotice } from './deprecation.ts';
import { problemOfAnswer, ProblemError } from './problem-error.ts';
import { defaultRetryLimits, isRepeatable, pause, pauseMsAfter, type RetryLimits } from './retry.ts';
import { signRequest, type RequestParts, type SignedRequest } from './signed-request.ts';

/** How long an attempt may take beyond the wait for an outcome, in milliseconds; services cut slower requests. */
const ATTEMPT_TIMEOUT_MS = 20_000;

export interface ClientOptions {
  /** The origin of each called service: its `PUBLIC_URL`, or `OPERATOR_URL` for operators. */
  services: Readonly<Partial<Record<ServiceName, string>>>;
  access: Access;
  /** Each defaults to {@link defaultRetryLimits}. */
  retry?: Partial<RetryLimits> | undefined;
  /** Hears of each answer from a version that will be refused one day. */
  onDeprecated?: ((notice: DeprecationNotice) => void) | undefined;
  /** Sends the requests; defaults to the global one. */
  fetch?: typeof fetch | undefined;
}

/** A call with its parts in any form, as all overloads share it. */
interface AnyCall extends CallOptions {
  params?: unknown;
  query?: unknown;
  body?: unknown;
  version?: number;
}

/** Calls operations over HTTP: each request has a token, a new proof over its body, and one effect. */
export class Client {
  readonly #options: ClientOptions;
  readonly #retry: RetryLimits;
  readonly #fetch: typeof fetch;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#retry = { ...defaultRetryLimits, ...options.retry };
    this.#fetch = options.fetch ?? ((...request) => fetch(...request));
  }

  /**
   * Calls an operation and repeats the request, under one idempotency key, while that has no second effect: after a lost
   * answer, 429, 503 and `idempotency.in_progress`.
   * @param call.version an earlier version, in which the body is given and answered; defaults to the newest
   * @throws ProblemError if the service refuses the request
   * @throws NoAnswerError if no answer came within the limit of attempts
   * @throws UnreadableAnswerError if the answer does not match its schema
   */
  call<Operation extends OperationDefinition>(
    operation: Operation,
    call: EarlierCall<Operation>,
  ): Promise<Answer<unknown>>;
  call<Operation extends OperationDefinition>(
    operation: Operation,
    ...call: CallArguments<Operation>
  ): Promise<Answer<AnswerBody<Operation>>>;
  async call(operation: OperationDefinition, call: AnyCall = {}): Promise<Answer<unknown>> {
    const version = call.version ?? operation.version;
    const parts = this.#partsOf(operation, version, call);
    let token = await this.#options.access.token();
    let isRenewed = false;
    for (let attempts = 1; ; attempts += 1) {
      // A new proof for each attempt: each works once.
      const { key } = this.#options.access;
      const request = await signRequest(operation, parts, { token, key });
      try {
        const answer = await this.#send(operation, request, call);
        return { ...this.#read(operation, version, answer), attempts };
      } catch (error) {
        if (error instanceof UnreadableAnswerError) throw error;
        call.signal?.throwIfAborted();
        if (error instanceof ProblemError && error.code === 'token.expired' && !isRenewed) {
          isRenewed = true;
          token = await this.#options.access.token(token);
          continue;
        }
        if (!isRepeatable(operation, error, this.#retry) || attempts >= this.#retry.attemptsMax)
          throw finalError(operation, error, attempts, parts.idempotencyKey);
        await pause(pauseMsAfter(attempts, error, this.#retry), call.signal);
        token = await this.#options.access.token();
      }
    }
  }

  /**
   * Reads a list, page by page, while the caller takes items.
   * @param call its `query` has the filters, and as `limit` the most items of a page
   * @throws ProblemError as {@link call}
   */
  async *list<Operation extends OperationDefinition>(
    operation: Operation,
    ...[call]: CallArguments<Operation>
  ): AsyncGenerator<ItemOf<Operation>, void, undefined> {
    let cursor: string | undefined;
    do {
      const given = call as AnyCall | undefined;
      const query = { ...(given?.query as object | undefined), ...(cursor !== undefined && { cursor }) };
      const { body } = await this.call(operation, ...([{ ...given, query }] as never));
      const { nextCursor, ...page } = body as { nextCursor?: string };
      yield* itemsOf(operation, page) as ItemOf<Operation>[];
      cursor = nextCursor;
    } while (cursor !== undefined);
  }

  #partsOf(operation: OperationDefinition, version: number, call: AnyCall): RequestParts {
    const origin = this.#options.services[operation.service];
    if (origin === undefined) throw new Error(`the client has no origin of the service ${operation.service}`);
    const served = operation.versions[version];
    if (served === undefined) throw new Error(`${operation.id} has no version ${version}`);
    return {
      origin: origin.replace(/\/$/, ''),
      params: call.params as Record<string, string> | undefined,
      query: queryOf(call.query),
      body:
        operation.method === 'GET'
          ? undefined
          : JSON.stringify(z.encode(writerOf(served), (call.body ?? {}) as never)),
      idempotencyKey: operation.idempotent ? (call.idempotencyKey ?? crypto.randomUUID()) : undefined,
      waitS: call.waitS,
      version,
    };
  }

  /** Sends one request. @throws ProblemError for any unsuccessful answer */
  async #send(
    operation: OperationDefinition,
    { url, method, headers, body }: SignedRequest,
    { signal, waitS = 0 }: CallOptions,
  ): Promise<{ status: number; headers: Headers; text: string }> {
    const timeout = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS + waitS * 1_000);
    const answer = await this.#fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      // A redirected request would carry a proof for another address.
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (!answer.ok) throw await problemOfAnswer(operation.id, answer);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  #read(
    operation: OperationDefinition,
    version: number,
    { status, headers, text }: { status: number; headers: Headers; text: string },
  ): Omit<Answer<unknown>, 'attempts'> {
    const notice = deprecationOf(operation, version, headers);
    if (notice !== undefined) this.#options.onDeprecated?.(notice);
    const served = operation.versions[version]!;
    try {
      const body: unknown = z.decode(readerOf(served), JSON.parse(text) as never);
      return { status, body, text, headers, isReplay: headers.get('idempotency-replayed') === 'true' };
    } catch (cause) {
      throw new UnreadableAnswerError(operation.id, status, cause);
    }
  }
}

function finalError(
  { id }: OperationDefinition,
  error: unknown,
  attempts: number,
  idempotencyKey: string | undefined,
): unknown {
  return error instanceof ProblemError
    ? error
    : new NoAnswerError(id, { attempts, idempotencyKey, cause: error });
}

function queryOf(query: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries((query ?? {}) as Record<string, unknown>)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}

/** Returns the items of a page: its one array. */
function itemsOf({ id }: OperationDefinition, page: object): unknown[] {
  const [items, another] = Object.values(page).filter(Array.isArray) as unknown[][];
  if (items === undefined || another !== undefined) throw new Error(`${id} does not answer with a list`);
  return items;
}
