import { operationPath, type OperationDefinition } from '@tallystick/contracts';
import { generateProof } from 'dpop';
import { keyPairOf, type DpopKey } from './dpop-key.ts';

/** A request with its token and a proof over its body, ready for `fetch`. */
export interface SignedRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  /** The exact text that the proof covers. */
  body: string | undefined;
}

/** The parts of a request. */
export interface RequestParts {
  /** The origin of the service, as in its `PUBLIC_URL`. */
  origin: string;
  params?: Readonly<Record<string, string>> | undefined;
  query?: Readonly<Record<string, string>> | undefined;
  /** JSON text. */
  body?: string | undefined;
  /** Required if the operation asks for one. */
  idempotencyKey?: string | undefined;
  /** How long the service waits for the outcome, in seconds. */
  waitS?: number | undefined;
  /** Defaults to the newest version. */
  version?: number | undefined;
}

/**
 * Builds a request to an operation and signs it with a proof (RFC 9449) whose claim `content_digest` covers the body.
 * A proof works once: sign again for each attempt.
 * @param access.token bound to `access.key`
 */
export async function signRequest(
  operation: OperationDefinition,
  parts: RequestParts,
  access: { token: string; key: DpopKey },
): Promise<SignedRequest> {
  const { method } = operation;
  const url = parts.origin + pathOf(operation, parts);
  const query = new URLSearchParams(parts.query).toString();
  const claims = { content_digest: await contentDigest(parts.body ?? '') };
  const pair = await keyPairOf(access.key);
  return {
    url: query === '' ? url : `${url}?${query}`,
    method,
    headers: {
      Authorization: `DPoP ${access.token}`,
      DPoP: await generateProof(pair, url, method, undefined, access.token, claims),
      ...(parts.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(parts.idempotencyKey === undefined ? {} : { 'Idempotency-Key': parts.idempotencyKey }),
      ...(parts.waitS === undefined ? {} : { Prefer: `wait=${parts.waitS}` }),
    },
    body: parts.body,
  };
}

function pathOf(
  operation: OperationDefinition,
  { version = operation.version, params }: RequestParts,
): string {
  const served = operation.versions[version];
  if (served === undefined) throw new Error(`${operation.id} has no version ${version}`);
  return operationPath(served, params);
}

/** Computes the digest of a body in the format of `Content-Digest` (RFC 9530). */
async function contentDigest(body: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body));
  return `sha-256=:${btoa(String.fromCharCode(...new Uint8Array(digest)))}:`;
}
