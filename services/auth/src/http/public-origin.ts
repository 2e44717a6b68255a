import type { RequestHandler } from 'express';

/**
 * Makes every address that is built while a request is answered start with the public origin, whatever `Host` or
 * forwarding headers the request came with: they are the caller's word.
 */
export function usePublicOrigin(publicUrl: string): RequestHandler {
  const { host, protocol } = new URL(publicUrl);
  return (request, _response, next) => {
    request.headers['x-forwarded-host'] = host;
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    next();
  };
}
