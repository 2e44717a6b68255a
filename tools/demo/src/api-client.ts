import { randomUUID } from 'node:crypto';
import {
  Client,
  signRequest,
  type Answer,
  type AnswerBody,
  type CallArguments,
  type RequestParts,
} from '@tallystick/client';
import type { OperationDefinition } from '@tallystick/contracts';
import type { SigningKey } from '@tallystick/security';
import type { StackFile } from '@tallystick/stack';

/** A client whose every request counts: it repeats none by itself, and it can also send an invalid one. */
export class ApiClient {
  readonly services: StackFile['services'];
  readonly dpopKey: SigningKey;
  accessToken: string;
  readonly #client: Client;

  constructor(services: StackFile['services'], accessToken: string, dpopKey: SigningKey) {
    this.services = services;
    this.accessToken = accessToken;
    this.dpopKey = dpopKey;
    this.#client = new Client({
      services,
      access: { key: dpopKey, token: async () => this.accessToken },
      retry: { attemptsMax: 1 },
    });
  }

  /** @throws ProblemError for any unsuccessful response */
  call<Operation extends OperationDefinition>(
    operation: Operation,
    ...call: CallArguments<Operation>
  ): Promise<Answer<AnswerBody<Operation>>> {
    return this.#client.call(operation, ...call);
  }

  /** Sends a request with an unchecked body, even one that violates the operation's schema. */
  async request(
    operation: OperationDefinition,
    body: string | undefined,
    parts: Omit<RequestParts, 'origin' | 'body'> = {},
  ): Promise<Response> {
    const access = { token: this.accessToken, key: this.dpopKey };
    const origin = this.services[operation.service]!;
    const key = operation.idempotent ? { idempotencyKey: randomUUID() } : {};
    const { url, ...init } = await signRequest(operation, { ...key, ...parts, origin, body }, access);
    return fetch(url, { ...init, body: body ?? null });
  }
}
