import { CodedError } from '@tallystick/contracts';
import { RETRY_AFTER_S, sendProblem } from '@tallystick/http';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { errors } from 'oidc-provider';
import { noticePage } from './pages/notice.ts';

/** Answers errors that the pages throw. @param onFault takes internal errors */
export function pageErrors(onFault: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    if (error instanceof errors.SessionNotFound) {
      response.status(400).send(
        noticePage({
          title: 'This sign-in has ended',
          text: 'It took too long, or it was finished in another window. Go back to the application and start again.',
        }),
      );
      return;
    }
    if (error instanceof CodedError && error.code === 'rate.limited') {
      // An application gets the problem document, a person a page.
      if (request.accepts(['json', 'html']) !== 'html') return sendProblem(response, error);
      const text = 'Too many requests came from your address. Wait a few seconds, then load the page again.';
      response
        .status(429)
        .set('Retry-After', String(RETRY_AFTER_S))
        .send(noticePage({ title: 'Please wait', text }));
      return;
    }
    const status = (error as { status?: unknown } | null)?.status;
    if (typeof status === 'number' && status >= 400 && status < 500) {
      const text = 'The request is not in a form that is understood here. Go back and start again.';
      response.status(status).send(noticePage({ title: 'This request cannot go on', text }));
      return;
    }
    onFault(error);
    const text = 'The fault is ours. Please go back to the application and try again in a moment.';
    response.status(500).send(noticePage({ title: 'Something went wrong', text }));
  };
}

/** Answers requests that match no route. */
export const notFound: RequestHandler = (_request, response) => {
  const text = 'There is no page at this address. Go back to the application and start again.';
  response.status(404).send(noticePage({ title: 'Nothing here', text }));
};

/** Answers a form that another site sent. */
export function foreignForm(response: Response): void {
  response.send(
    noticePage({
      title: 'This request cannot go on',
      text: 'The form was sent from another site. Go back to the application and start again.',
    }),
  );
}
