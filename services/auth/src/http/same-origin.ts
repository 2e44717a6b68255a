import type { RequestHandler } from 'express';
import { noticePage } from './pages/notice.ts';

/**
 * Refuses forms that another site sent. Two other guards exist: the interaction cookie is `SameSite=Lax`, so forms of
 * other sites do not carry it, and the path contains the unguessable id of the interaction.
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
