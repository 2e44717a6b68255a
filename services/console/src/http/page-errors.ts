import { CodedError } from '@tallystick/contracts';
import { RETRY_AFTER_S } from '@tallystick/http';
import { isKafkaFault } from '@tallystick/messaging';
import { html } from '@tallystick/pages';
import { isTransient } from '@tallystick/postgres';
import type { ErrorRequestHandler } from 'express';
import { barePage } from './layout.ts';
import { authIsAway } from './sign-in-routes.ts';

/** Answers errors of pages. @param onFault takes internal errors */
export function pageErrors(onFault: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    if (authIsAway(response, error)) return;
    const wait = (status: number, title: string, text: string): void => {
      response
        .status(status)
        .set('Retry-After', String(RETRY_AFTER_S))
        .send(
          barePage(
            title,
            html`<p class="soft">${text}</p>
              <p><a class="button" href="">Try again</a></p>`,
          ),
        );
    };
    if (error instanceof CodedError && error.code === 'rate.limited')
      return wait(429, 'Please wait', 'Too many requests came from your address.');
    if (error instanceof CodedError && error.code === 'service.unavailable')
      return wait(
        503,
        'The console cannot verify who you are',
        `It lacks a fresh snapshot of keys from the topic auth.keys.v1: ${error.message}.`,
      );
    if (isKafkaFault(error)) {
      onFault(error);
      return wait(503, 'Kafka does not answer', 'The console reads this from the topics.');
    }
    if (isTransient(error)) {
      onFault(error);
      return wait(
        503,
        'Postgres does not answer the console',
        'Sessions are in its database, so nobody can sign in until it answers. The services have databases of their own and may run on.',
      );
    }
    const status = (error as { status?: unknown } | null)?.status;
    if (typeof status === 'number' && status >= 400 && status < 500)
      return wait(status, 'This request cannot go on', 'It is not in a form that is understood here.');
    onFault(error);
    wait(
      500,
      'Something went wrong',
      'The fault is in the console. Its log has the error console.page_failed.',
    );
  };
}
