import { randomUUID } from 'node:crypto';
import { operationPath, type OperationDefinition } from '@tallystick/contracts';
import type { ApiClient } from '@tallystick/demo';
import { makeProof, type SigningKey } from '@tallystick/security';
import { until } from '@tallystick/stack';

/** Longest time for which a request is repeated while the service is at capacity. */
const DECIDED_WITHIN_MS = 15_000;
const AGAIN_AFTER_MS = 100;
/** Answers of a service at capacity to anybody: they decide nothing. */
const SHED = new Set([429, 503]);

/** A request as its caller makes it, with the attacker's changes. `null` leaves a part out. */
export interface Asked {
  version?: number;
  params?: Record<string, string>;
  /** Text after the question mark. */
  query?: string;
  body?: string;
  idempotencyKey?: string | null;
  /** Another access token. */
  token?: string;
  /** The whole header `Authorization`. */
  authorization?: string | null;
  /** The DPoP proof itself; a function makes it for the address. */
  proof?: string | null | ((url: string) => string | Promise<string>);
  /** Signs the proof instead of the caller's key. */
  proofKey?: SigningKey;
  headers?: Record<string, string>;
}

/** An answer with its code, if it is a problem document. */
export interface Answer {
  status: number;
  code: string;
  headers: Headers;
  text: string;
}

/** Shows an answer as attacks expect it: `404 resource.not_found`. */
export function shown({ status, code }: Answer): string {
  return `${status} ${code}`.trim();
}

/** Sends a request of an operation, and again while the service is at capacity. */
export async function ask(
  caller: ApiClient,
  operation: OperationDefinition,
  asked: Asked = {},
): Promise<Answer> {
  return decided(() => once(caller, operation, asked));
}

/** Repeats a request while the service is at capacity, for a limited time. */
export async function decided(request: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer | undefined;
  await until(
    async () => {
      answer = await request();
      return !SHED.has(answer.status) || answer.code === 'card.misses_exceeded';
    },
    DECIDED_WITHIN_MS,
    AGAIN_AFTER_MS,
  );
  return answer!;
}

async function once(caller: ApiClient, operation: OperationDefinition, asked: Asked): Promise<Answer> {
  const { method } = operation;
  const url = addressOf(caller, operation, asked);
  const body = asked.body ?? (method === 'POST' ? '{}' : undefined);
  const token = asked.token ?? caller.accessToken;
  const authorization = asked.authorization === undefined ? `DPoP ${token}` : asked.authorization;
  const proof = await proofOf(caller, method, url, token, body ?? '', asked);
  const key = asked.idempotencyKey === undefined ? randomUUID() : asked.idempotencyKey;
  const response = await fetch(asked.query === undefined ? url : `${url}?${asked.query}`, {
    method,
    headers: {
      ...(authorization === null ? {} : { Authorization: authorization }),
      ...(proof === null ? {} : { DPoP: proof }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(operation.idempotent && key !== null ? { 'Idempotency-Key': key } : {}),
      ...asked.headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  return answerOf(response);
}

/** Returns the address that a request of an operation has. */
export function addressOf(
  caller: ApiClient,
  operation: OperationDefinition,
  { version = operation.version, params = {} }: Asked,
): string {
  return caller.services[operation.service]! + operationPath(operation.versions[version]!, params);
}

async function proofOf(
  caller: ApiClient,
  method: string,
  url: string,
  accessToken: string,
  body: string,
  { proof, proofKey = caller.dpopKey }: Asked,
): Promise<string | null> {
  if (typeof proof === 'function') return proof(url);
  if (proof !== undefined) return proof;
  return makeProof(proofKey, { method, url, accessToken, body, nowMs: Date.now() });
}

/** Text that tells about code or statements; no answer may have it. */
const INSIDE = /node_modules|\.[jt]s:\d+|\bSELECT\b.*\bFROM\b|PostgresError|ECONNREFUSED/;

/** Reads an answer with its code. @throws Error if it tells about the inside of the service */
export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  if (INSIDE.test(text)) throw new Error(`the answer tells about the inside: ${INSIDE.exec(text)?.[0]}`);
  let code = '';
  if (response.headers.get('content-type')?.includes('json') === true) {
    const body = JSON.parse(text) as { code?: unknown; error?: unknown };
    const named = body.code ?? body.error;
    if (!response.ok && typeof named === 'string') code = named;
  }
  return { status: response.status, code, headers: response.headers, text };
}
