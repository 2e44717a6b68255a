import { CodedError } from '@tallystick/contracts';
import type { RequestHandler } from 'express';

/**
 * Brings a request target to origin form, so that each check sees the same path. A target in absolute form is accepted
 * if it names this server (RFC 9112 §3.2.2).
 * @param urls the addresses that clients use
 * @throws CodedError `request.invalid` for another server, and for any other form
 */
export function useOriginForm(urls: readonly string[]): RequestHandler {
  const origins = new Set(urls.map((url) => new URL(url).origin));
  return (request, _response, next) => {
    if (!request.url.startsWith('/')) {
      const target = URL.parse(request.url);
      if (target === null || !origins.has(target.origin))
        throw new CodedError('request.invalid', { detail: 'the request target names another server' });
      request.url = target.pathname + target.search;
      request.originalUrl = request.url;
    }
    next();
  };
}
