import type { ErrorDefinition } from './error-definition.ts';

/** Errors of the HTTP edge. */
export const requestErrors = {
  'request.invalid': {
    status: 400,
    title: 'Request does not match its schema',
    retry: false,
    action: 'Correct the places that `errors` names.',
  },
  'request.not_json': {
    status: 400,
    title: 'Body is not JSON, or names a member twice',
    retry: false,
    action: 'Send a body that is JSON and names each member once (RFC 7493).',
  },
  'request.too_large': {
    status: 413,
    title: 'Body too large',
    retry: false,
    action: 'Send a smaller body.',
  },
  'request.media_type': {
    status: 415,
    title: 'Content type must be application/json',
    retry: false,
    action: 'Send `Content-Type: application/json`.',
  },
  'request.content_encoding': {
    status: 415,
    title: 'Content encoding not supported',
    retry: false,
    action: 'Use an encoding that the header Accept-Encoding names, or none.',
  },
  'route.not_found': {
    status: 404,
    title: 'Operation not found',
    retry: false,
    action: 'Check method, path and version against the documents.',
  },
  'route.method_not_allowed': {
    status: 405,
    title: 'Method not allowed for this path',
    retry: false,
    action: 'Use a method that the header Allow names.',
  },
  'resource.not_found': {
    status: 404,
    title: 'Resource not found',
    retry: false,
    action: 'Check the id, and that the token speaks for its owner.',
  },
  'token.missing': {
    status: 401,
    title: 'Access token missing',
    retry: false,
    action: 'Send an access token in the Authorization header.',
  },
  'token.invalid': {
    status: 401,
    title: 'Access token invalid',
    retry: false,
    action: 'Get a new access token from the authorization server.',
  },
  'token.expired': {
    status: 401,
    title: 'Access token expired',
    retry: true,
    action: 'Refresh the access token, then retry.',
  },
  'token.revoked': {
    status: 401,
    title: 'Access token revoked',
    retry: false,
    action: 'Have the customer sign in and consent again, or ask the operator.',
  },
  'token.scope_insufficient': {
    status: 403,
    title: 'Access token lacks the scope for this operation',
    retry: false,
    action: 'Get a token with the scope that the detail names.',
  },
  'dpop.missing': {
    status: 401,
    title: 'DPoP proof missing',
    retry: false,
    action: 'Send a DPoP proof by the key that the token is bound to.',
  },
  'dpop.invalid': {
    status: 401,
    title: 'DPoP proof invalid',
    retry: false,
    action: 'Make a new proof for this method, URL, token and time.',
  },
  'dpop.replayed': {
    status: 401,
    title: 'DPoP proof already used',
    retry: true,
    action: 'Make a new proof, with a new jti, for each request.',
  },
  'dpop.digest_mismatch': {
    status: 401,
    title: 'DPoP proof does not match the body',
    retry: false,
    action: 'Make the proof over the body that is sent, to the byte.',
  },
  'idempotency.key_missing': {
    status: 400,
    title: 'Idempotency-Key header missing',
    retry: false,
    action: 'Send an Idempotency-Key that is new for each order.',
  },
  'idempotency.key_reused': {
    status: 422,
    title: 'Idempotency-Key already used for another request',
    retry: false,
    action: 'Use a new key for another request.',
  },
  'idempotency.in_progress': {
    status: 409,
    title: 'Request with this Idempotency-Key still in progress',
    retry: true,
    action: 'Wait, then retry with the same key.',
  },
  'rate.limited': {
    status: 429,
    title: 'Too many requests',
    retry: true,
    action: 'Wait, then send fewer requests a second.',
  },
  'service.unavailable': {
    status: 503,
    title: 'Service temporarily unavailable',
    retry: true,
    action: 'Retry later with the same Idempotency-Key.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    retry: true,
    action: 'Retry later. If the error persists, give the trace_id to the operator.',
  },
} as const satisfies Record<string, ErrorDefinition>;
