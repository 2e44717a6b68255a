import * as zlib from 'node:zlib';
import { trace } from '@opentelemetry/api';
import { CodedError, errorCodes, problemOf, type ErrorCode } from '@tallystick/contracts';
import { isTransient } from '@tallystick/postgres';
import { PROOF_ALGORITHMS } from '@tallystick/security';
import type { Logger } from '@tallystick/telemetry';
import type { ErrorRequestHandler, Response } from 'express';
import { noteError } from './count-request.ts';

/** Seconds after which a client may retry when capacity or a dependency is missing. */
export const RETRY_AFTER_S = 2;

/** The encodings of a body that express decodes; zstd depends on the version of Node. */
const CONTENT_ENCODINGS = ['gzip', 'deflate', 'br', ...('createZstdDecompress' in zlib ? ['zstd'] : [])].join(
  ', ',
);

/** Sends an error as `application/problem+json` (RFC 9457). */
export function sendProblem(response: Response, error: CodedError): void {
  const { status } = errorCodes[error.code];
  noteError(response, error.code);
  const span = trace.getActiveSpan();
  span?.setAttribute('error.type', error.code);
  if (status === 401 || error.code === 'token.scope_insufficient')
    response.setHeader('WWW-Authenticate', challenge(error.code, response.locals));
  // RFC 9110 §12.5.3, §15.5.16.
  if (error.code === 'request.content_encoding') response.setHeader('Accept-Encoding', CONTENT_ENCODINGS);
  if (status === 429 || status === 503) response.setHeader('Retry-After', String(RETRY_AFTER_S));
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(error, span?.spanContext().traceId)));
}

/** What a challenge tells about the called resource. */
export interface ChallengeFacts {
  /** The scope of the called operation. */
  scope?: string;
  /** The URL of the metadata of the resource (RFC 9728 §5.1). */
  resourceMetadata?: string;
}

/** Builds the challenge of RFC 6750 §3 and RFC 9449 §7.1. */
function challenge(code: ErrorCode, { scope, resourceMetadata }: ChallengeFacts): string {
  const error = challengeErrorOf(code);
  const parameters = {
    error,
    scope: error === 'insufficient_scope' ? scope : undefined,
    algs: PROOF_ALGORITHMS.join(' '),
    resource_metadata: resourceMetadata,
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return `DPoP ${given.map(([name, value]) => `${name}="${value}"`).join(', ')}`;
}

function challengeErrorOf(code: ErrorCode): string | undefined {
  // RFC 6750 §3.1: no error if the request has no token.
  if (code === 'token.missing') return undefined;
  if (code === 'token.scope_insufficient') return 'insufficient_scope';
  return code.startsWith('dpop.') ? 'invalid_dpop_proof' : 'invalid_token';
}

/** Creates the last handler of the edge: it turns every error into a problem document and logs only internal ones. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const coded = toCoded(error);
    log(logger, coded, error);
    sendProblem(response, coded);
  };
}

/**
 * Logs by severity: requests shed at capacity are not faults, a broken connection needs no stack, the rest are bugs.
 */
function log(logger: Logger, { code, cause }: CodedError, error: unknown): void {
  if (errorCodes[code].status < 500) return;
  if (code !== 'service.unavailable') logger.error({ err: error }, 'http.request_failed');
  else if (cause === undefined) logger.debug({ code }, 'http.request_shed');
  else
    logger.warn(
      { code, reason: cause instanceof Error ? cause.message : 'unknown' },
      'http.request_unavailable',
    );
}

function toCoded(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const type = (error as { type?: unknown } | null)?.type;
  if (type === 'entity.too.large') return new CodedError('request.too_large', { cause: error });
  if (type === 'encoding.unsupported') return new CodedError('request.content_encoding', { cause: error });
  if (error instanceof Error && isUnreadableBody(error, type))
    return new CodedError('request.invalid', { detail: 'the body cannot be read', cause: error });
  if (error instanceof URIError)
    return new CodedError('request.invalid', { detail: 'the path is not well formed', cause: error });
  if (isTransient(error)) return new CodedError('service.unavailable', { cause: error });
  return new CodedError('internal', { cause: error });
}

/** Whether the parser of bodies failed: by its own check, or in the decompression of what a client sent. */
function isUnreadableBody(error: unknown, type: unknown): boolean {
  if (typeof type === 'string') return /^(entity|encoding|request|charset|stream)\./.test(type);
  const { status, expose } = error as { status?: unknown; expose?: unknown };
  return status === 400 && expose === true;
}
