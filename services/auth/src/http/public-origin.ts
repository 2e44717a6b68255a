import type { RequestHandler } from 'express';

/**
 * Makes every URL in a response start with the public origin. The caller controls the `Host` and forwarding headers of
 * the request, so they are ignored.
 */
export function usePublicOrigin(publicUrl: string): RequestHandler {
  const { host, protocol } = new URL(publicUrl);
  return (request, _response, next) => {
    request.headers['x-forwarded-host'] = host;
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    next();
  };
}
