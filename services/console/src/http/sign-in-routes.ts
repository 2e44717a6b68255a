import { AuthorizationError, AuthorizationUnavailableError } from '@tallystick/client';
import { html } from '@tallystick/pages';
import { Router, type Response } from 'express';
import type { Sessions } from '../app/sessions.ts';
import type { ConsoleCookies } from './cookies.ts';
import { barePage } from './layout.ts';
import { localPath } from './local-path.ts';

export interface SignInOptions {
  publicUrl: string;
  issuer: string;
  clientId: string;
  sessions: Sessions;
  cookies: ConsoleCookies;
}

/** The path at which the browser comes back from auth. */
export const CALLBACK_PATH = '/sign-in/callback';
export const SIGNED_OUT_PATH = '/signed-out';

/** Serves the sign-in at auth, the way back from it, and the sign-out there. */
export function signInRoutes(options: SignInOptions): Router {
  const { publicUrl, issuer, clientId, sessions, cookies } = options;
  const router = Router();

  router.get('/sign-in', async (request, response) => {
    const to = localPath(typeof request.query['to'] === 'string' ? request.query['to'] : undefined);
    const { id, url } = await sessions.begin(to);
    cookies.setSignIn(response, id);
    response.redirect(303, url);
  });

  router.get(CALLBACK_PATH, async (request, response) => {
    const id = cookies.signIn(request);
    cookies.clearSignIn(response);
    try {
      const begun = id === undefined ? undefined : await sessions.end(id, publicUrl + request.originalUrl);
      if (begun === undefined) return tooLate(response);
      const replaced = cookies.session(request);
      if (replaced !== undefined) await sessions.drop(replaced);
      cookies.setSession(response, begun.id);
      response.redirect(303, begun.returnTo);
    } catch (error) {
      if (!(error instanceof AuthorizationError)) throw error;
      notSignedIn(response, error);
    }
  });

  router.post('/sign-out', async (request, response) => {
    const id = cookies.session(request);
    if (id !== undefined) await sessions.drop(id);
    cookies.clearSession(response);
    // Auth ends its own session too (OpenID Connect RP-Initiated Logout).
    const url = new URL('/oauth/logout', issuer);
    url.searchParams.set('client_id', clientId);
    url.searchParams.set('post_logout_redirect_uri', publicUrl + SIGNED_OUT_PATH);
    response.redirect(303, url.href);
  });

  router.get(SIGNED_OUT_PATH, (_request, response) => {
    response.send(
      barePage(
        'Signed out',
        html`<p class="soft">Nobody is signed in to the console in this browser.</p>
          <p><a class="button primary" href="/">Sign in</a></p>`,
      ),
    );
  });

  return router;
}

function tooLate(response: Response): void {
  response.status(400).send(
    barePage(
      'This sign-in has ended',
      html`<p class="soft">It took too long, or it was finished in another window.</p>
        <p><a class="button primary" href="/">Sign in again</a></p>`,
    ),
  );
}

function notSignedIn(response: Response, error: AuthorizationError): void {
  const isDeclined = error.error === 'access_denied';
  response.status(isDeclined ? 200 : 400).send(
    barePage(
      isDeclined ? 'Nobody signed in' : 'The sign-in was refused',
      html`<p class="soft">
          ${isDeclined ? 'The sign-in was cancelled.' : `The authorization server answered: ${error.error}.`}
        </p>
        <p><a class="button primary" href="/">Sign in</a></p>`,
    ),
  );
}

/** Answers that auth is away, so that nobody can sign in now. */
export function authIsAway(response: Response, error: unknown): boolean {
  if (!(error instanceof AuthorizationUnavailableError)) return false;
  response
    .status(503)
    .set('retry-after', '5')
    .send(
      barePage(
        'Auth does not answer',
        html`<p class="soft">
            The service auth signs operators in, and it does not answer now. The other services run on without
            it.
          </p>
          <p><a class="button" href="">Try again</a></p>`,
      ),
    );
  return true;
}
