import type { ErrorCode, OperationDefinition } from '@tallystick/contracts';

/** Errors that any request may get. */
export const errorsOfEveryRequest: readonly ErrorCode[] = [
  'request.invalid',
  'request.too_large',
  'request.media_type',
  'request.content_encoding',
  'token.missing',
  'token.invalid',
  'token.expired',
  'token.revoked',
  'token.scope_insufficient',
  'dpop.missing',
  'dpop.invalid',
  'dpop.replayed',
  'rate.limited',
  'internal',
  'service.unavailable',
  'envelope.keys_stale',
];
const ofSignedBodies: readonly ErrorCode[] = ['dpop.digest_mismatch'];
const ofBodies: readonly ErrorCode[] = ['request.not_json'];
const ofIdempotencyKeys: readonly ErrorCode[] = [
  'idempotency.key_missing',
  'idempotency.in_progress',
  'idempotency.key_reused',
];

/**
 * Lists every error that a version of an operation may answer: those of all requests, those that follow from the
 * definition, and the operation's own.
 */
export function errorsOf(
  { errors, proof, method, idempotent, versions }: OperationDefinition,
  version: number,
): ErrorCode[] {
  return [
    ...new Set([
      ...errorsOfEveryRequest,
      ...(method === 'POST' ? ofBodies : []),
      ...(proof === 'dpop' ? ofSignedBodies : []),
      ...(idempotent ? ofIdempotencyKeys : []),
      ...(versions[version]?.deprecated === undefined ? [] : (['interface.retired'] as const)),
      ...errors,
    ]),
  ];
}
