import type { RequestHandler, Response } from 'express';

/**
 * Refuses forms that another site sent: cookies with `SameSite=Lax` are a second guard.
 * @param publicUrl the origin of the pages
 * @param refuse answers such a form; the status is set
 */
export function sameOriginForms(publicUrl: string, refuse: (response: Response) => void): RequestHandler {
  const expected = new URL(publicUrl).origin;
  return (request, response, next) => {
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin');
    const foreign = site === undefined ? origin !== undefined && origin !== expected : site !== 'same-origin';
    if (request.method !== 'POST' || !foreign) return next();
    refuse(response.status(403));
  };
}
