import { context, type Context } from '@opentelemetry/api';
import { CodedError, liftBody, type OperationDefinition, type RequestEvidence } from '@tallystick/contracts';
import { parse, parseExactJson } from '@tallystick/security';
import type { Request } from 'express';
import type * as z from 'zod';
import type { Caller } from './authenticate.ts';
import { waitMsOf } from './request-headers.ts';

/** A request that passed every check of its operation. */
export interface EdgeRequest<Operation extends OperationDefinition> {
  params: z.output<Operation['params']>;
  query: z.output<Operation['query']>;
  body: z.output<Operation['body']>;
  caller: Caller;
  /** The customer or client that the token represents. */
  subject: string;
  /** The client's wait time for an outcome, in milliseconds. */
  waitMs: number;
  /** The called version; the body is lifted to the newest one. */
  version: number;
}

/** A request that passed every check and changes something. */
export interface WriteRequest<Operation extends OperationDefinition> extends EdgeRequest<Operation> {
  /** The client's idempotency key, if the operation takes one. It is the same in each repetition of the request. */
  idempotencyKey?: string | undefined;
  /** Returns the signed request, for services that must verify it themselves. */
  evidence: () => RequestEvidence;
  /** The span of this request. Its messages name this span, since one transaction serves several requests. */
  traceContext: Context;
}

/** The charset of a media type, in quotes or not. */
const CHARSET = /;\s*charset\s*=\s*"?(?<charset>[^\s";]*)/i;

/** Keeps a byte order mark, and refuses bytes that are not UTF-8, so that the text has exactly the bytes as sent. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Returns the text of the body; it is empty if the operation takes none.
 * @throws CodedError `request.media_type`, `request.not_json` for bytes that are not UTF-8 or begin with a byte order mark
 */
export function bodyTextOf(request: Request, operation: OperationDefinition): string {
  const bytes: unknown = request.body;
  if (operation.method === 'GET' || !Buffer.isBuffer(bytes) || bytes.length === 0) return '';
  // JSON is UTF-8 (RFC 8259 §8.1): in another charset, the text would differ from the bytes that others check.
  const { charset } = CHARSET.exec(request.headers['content-type'] ?? '')?.groups ?? {};
  const isUtf8 = charset === undefined || charset.toLowerCase() === 'utf-8';
  if (request.is('application/json') === false || !isUtf8) throw new CodedError('request.media_type');
  const text = decoded(bytes);
  if (text === undefined) throw notJson('must be UTF-8 (RFC 8259 §8.1)');
  if (text.startsWith('\uFEFF')) throw notJson('must not begin with a byte order mark (RFC 8259 §8.1)');
  return text;
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function notJson(message: string): CodedError {
  return new CodedError('request.not_json', { faults: [{ path: '/body', message }] });
}

/**
 * Validates every part of a request with the schemas of the called version.
 * @throws CodedError `request.invalid`, `request.not_json`
 */
export function checkRequest<Operation extends OperationDefinition>(
  request: Request,
  operation: Operation,
  version: number,
  caller: Caller,
  bodyText: string,
): EdgeRequest<Operation> {
  const { params, query } = operation;
  const { body } = operation.versions[version]!;
  return {
    params: parse(params, request.params, 'request.invalid', '/path') as EdgeRequest<Operation>['params'],
    query: parse(query, { ...request.query }, 'request.invalid', '/query') as EdgeRequest<Operation>['query'],
    body: liftBody(
      operation,
      version,
      parse(body, jsonOf(bodyText), 'request.invalid', '/body'),
    ) as EdgeRequest<Operation>['body'],
    caller,
    subject: caller.token.subject,
    waitMs: waitMsOf(request),
    version,
  };
}

export function toWriteRequest<Operation extends OperationDefinition>(
  checked: EdgeRequest<Operation>,
  operation: Operation,
  bodyText: string,
  idempotencyKey?: string,
): WriteRequest<Operation> {
  return {
    ...checked,
    idempotencyKey,
    evidence: () => evidenceOf(operation, checked.caller, bodyText),
    traceContext: context.active(),
  };
}

function jsonOf(text: string): unknown {
  if (text === '') return {};
  const value = parseExactJson(text);
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
