import { randomUUID } from 'node:crypto';
import { operationPath, type OperationDefinition, type ServiceName } from '@tallystick/contracts';
import { makeProof, type SigningKey } from '@tallystick/security';
import * as z from 'zod';

/** An unsuccessful response, with its problem document (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly code: string;

  constructor(
    operationId: string,
    status: number,
    problem: { code?: string; title?: string; detail?: string; errors?: unknown },
  ) {
    super(
      `${operationId}: ${status} ${problem.code ?? ''} ${problem.detail ?? problem.title ?? ''} ${problem.errors === undefined ? '' : JSON.stringify(problem.errors)}`.trim(),
    );
    this.status = status;
    this.code = problem.code ?? '';
  }
}

export interface Call<Operation extends OperationDefinition> {
  params?: Record<string, string>;
  query?: Record<string, string>;
  /** Amounts as `bigint`. */
  body?: z.output<Operation['body']>;
  idempotencyKey?: string;
  waitS?: number;
  /** An earlier version to call; defaults to the newest. */
  version?: number;
}

export interface Answer<Operation extends OperationDefinition> {
  status: number;
  /** Decoded: amounts are `bigint`. */
  body: z.output<Operation['response']>;
  text: string;
  isReplay: boolean;
}

/** Calls operations as an OAuth client: each request has its token and a fresh DPoP proof over its body. */
export class ApiClient {
  readonly services: Record<ServiceName, string>;
  readonly dpopKey: SigningKey;
  accessToken: string;

  constructor(services: Record<ServiceName, string>, accessToken: string, dpopKey: SigningKey) {
    this.services = services;
    this.accessToken = accessToken;
    this.dpopKey = dpopKey;
  }

  /** @throws ProblemError for any unsuccessful response */
  async call<Operation extends OperationDefinition>(
    operation: Operation,
    call: Omit<Call<Operation>, 'version'> = {},
  ): Promise<Answer<Operation>> {
    const body =
      operation.method === 'GET'
        ? undefined
        : JSON.stringify(z.encode(operation.body, (call.body ?? {}) as never));
    const response = await this.request(operation, body, call);
    const text = await response.text();
    const json: unknown = JSON.parse(text);
    if (!response.ok) throw new ProblemError(operation.id, response.status, json as object);
    return {
      status: response.status,
      body: z.decode(operation.response, json as never) as z.output<Operation['response']>,
      text,
      isReplay: response.headers.get('idempotency-replayed') === 'true',
    };
  }

  /** Sends a request with an unchecked body, even one that violates the operation's schema. */
  async request(
    operation: OperationDefinition,
    body: string | undefined,
    call: Omit<Call<OperationDefinition>, 'body'> = {},
  ): Promise<Response> {
    const { method } = operation;
    const version = operation.versions[call.version ?? operation.version];
    if (version === undefined) throw new Error(`${operation.id} has no version ${call.version}`);
    const url = this.services[operation.service] + operationPath(version, call.params);
    const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query).toString()}`;
    const { accessToken } = this;
    return fetch(url + query, {
      method,
      headers: {
        Authorization: `DPoP ${accessToken}`,
        DPoP: await makeProof(this.dpopKey, {
          method,
          url,
          accessToken,
          body: body ?? '',
          nowMs: Date.now(),
        }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(operation.idempotent ? { 'Idempotency-Key': call.idempotencyKey ?? randomUUID() } : {}),
        ...(call.waitS === undefined ? {} : { Prefer: `wait=${call.waitS}` }),
      },
      ...(body === undefined ? {} : { body }),
    });
  }
}
