import type { RequestHandler } from 'express';

/** Request headers that a client sends, besides those that the Fetch standard always allows. */
const REQUEST_HEADERS = [
  'Authorization',
  'Content-Digest',
  'Content-Type',
  'DPoP',
  'Idempotency-Key',
  'Prefer',
  'traceparent',
  'tracestate',
].join(', ');

/** Response headers that a script may read, besides those that the Fetch standard always exposes. */
const RESPONSE_HEADERS = [
  'Accept-Encoding',
  'Allow',
  'Deprecation',
  'DPoP-Nonce',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Sunset',
  'WWW-Authenticate',
].join(', ');

/** How long a browser may keep the answer to a preflight, in seconds. */
const PREFLIGHT_KEPT_S = 600;

/** Returns the headers that let a script of the origin read a response (Fetch standard, CORS protocol). */
export function corsHeaders(origin: string): Record<string, string> {
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': RESPONSE_HEADERS };
}

/** Returns the headers that answer a preflight of the origin. Credentials of a browser, such as cookies, are never allowed. */
export function preflightHeaders(origin: string, methods: readonly string[]): Record<string, string> {
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': REQUEST_HEADERS,
    'Access-Control-Max-Age': String(PREFLIGHT_KEPT_S),
  };
}

/**
 * Creates the handler that lets scripts of registered origins read every response, also a refusal.
 * @param allowsOrigin returns whether a client registered an origin
 */
export function cors(allowsOrigin: (origin: string) => boolean): RequestHandler {
  return ({ headers: { origin } }, response, next) => {
    response.vary('Origin');
    if (origin !== undefined && allowsOrigin(origin)) response.set(corsHeaders(origin));
    next();
  };
}
