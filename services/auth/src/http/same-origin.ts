import type { RequestHandler } from 'express';
import { noticePage } from './pages/notice.ts';

/**
 * Refuses forms that another site sent. It stands beside two other guards: the interaction cookie is `SameSite=Lax`,
 * so no form of another site carries it, and the path holds the interaction's unguessable id.
 */
export function sameOriginForms(publicUrl: string): RequestHandler {
  const expected = new URL(publicUrl).origin;
  return (request, response, next) => {
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin');
    const foreign = site === undefined ? origin !== undefined && origin !== expected : site !== 'same-origin';
    if (request.method !== 'POST' || !foreign) return next();
    response.status(403).send(
      noticePage({
        title: 'This request cannot go on',
        text: 'The form was sent from another site. Go back to the application and start again.',
      }),
    );
  };
}
