import { Client, fixedAccess } from '@tallystick/client';
import { RETRY_AFTER_S } from '@tallystick/http';
import { html, pageHeaders, sameOriginForms } from '@tallystick/pages';
import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import type { Sessions, SignedIn } from '../app/sessions.ts';
import { operatorOrigins } from '../services.ts';
import type { ConsoleParts } from '../parts.ts';
import { script, style } from './assets.ts';
import { ConsoleCookies } from './cookies.ts';
import { endOf } from './end-of.ts';
import { barePage, framedPage } from './layout.ts';
import { serveLivePart } from './live-stream.ts';
import { notFoundPage, partAwayPage, roleNeededPage } from './other-pages.ts';
import type { Page, PageAnswer, PageContent, PageRequest } from './page.ts';
import { pageErrors } from './page-errors.ts';
import { searchTarget } from './search.ts';
import { signInRoutes } from './sign-in-routes.ts';

/** Paths of the interfaces, which are no pages. */
const INTERFACE = /^\/v\d+(?:\/|$)/;

export interface ConsoleRoutesOptions {
  parts: ConsoleParts;
  sessions: Sessions;
  pages: readonly Page[];
  /** Limits the requests of each address. */
  limitAddress: RequestHandler;
}

/** Routes every page of the console, its sign-in and its assets; paths of operations pass through. */
export function consoleRoutes({ parts, sessions, pages, limitAddress }: ConsoleRoutesOptions): Router {
  const { config, logger } = parts;
  const secure = config.PUBLIC_URL.startsWith('https:');
  const cookies = new ConsoleCookies(secure);
  const origins = operatorOrigins(config);
  const router = Router({ caseSensitive: true, strict: true });

  router.use(pageHeaders({ secure, scripts: true, formActions: ["'self'", config.ISSUER] }));
  router.use(limitAddress);
  router.get(style.path, style.serve);
  router.get(script.path, script.serve);
  router.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  router.use(sameOriginForms(config.PUBLIC_URL, foreignForm));
  const { PUBLIC_URL: publicUrl, ISSUER: issuer, CLIENT_ID: clientId } = config;
  router.use(signInRoutes({ publicUrl, issuer, clientId, sessions, cookies }));

  /** Finds who is signed in; otherwise leads to the sign-in and back. */
  const signedIn = async (request: Request, response: Response): Promise<SignedIn | undefined> => {
    const id = cookies.session(request);
    const found = id === undefined ? undefined : await sessions.find(id, true);
    if (found !== undefined) return found;
    // A form that was sent after the end cannot be sent again: the page that has it is shown.
    const to = request.method === 'GET' ? request.originalUrl : (pathOfReferrer(request, publicUrl) ?? '/');
    response.redirect(303, `/sign-in?to=${encodeURIComponent(to)}`);
    return undefined;
  };
  const clientOf = ({ accessToken, key }: SignedIn): Client =>
    new Client({
      services: origins,
      access: fixedAccess(accessToken, key),
      retry: { attemptsMax: 2 },
      fetch: parts.fetch,
    });
  const requestOf = (request: Request, response: Response, operator: SignedIn): PageRequest => ({
    operator,
    client: clientOf(operator),
    url: request.originalUrl,
    params: request.params as Record<string, string>,
    query: new URL(request.originalUrl, publicUrl).searchParams,
    form: formOf(request),
    signal: endOf(response),
  });
  const show = (
    request: Request,
    response: Response,
    operator: SignedIn,
    content: PageContent & { title: string },
  ): void => {
    const navigation = { pages, path: request.path, operator };
    if (content.status === 503) response.set('Retry-After', String(RETRY_AFTER_S));
    response.status(content.status ?? 200).send(framedPage(content, navigation));
  };
  const send = (
    request: Request,
    response: Response,
    { operator, page, answer }: { operator: SignedIn; page: Page; answer: PageAnswer },
  ): Promise<void> | void => {
    if ('redirect' in answer) return response.redirect(303, answer.redirect);
    if ('send' in answer) return answer.send(response);
    show(request, response, operator, { title: page.title, ...answer });
  };

  const handle =
    (page: Page, run: (request: PageRequest) => Promise<PageAnswer>): RequestHandler =>
    async (request, response) => {
      const operator = await signedIn(request, response);
      if (operator === undefined) return;
      if (!operator.scopes.has(page.scope))
        return show(request, response, operator, roleNeededPage(page.scope));
      try {
        const answer = await run(requestOf(request, response, operator));
        await send(request, response, { operator, page, answer });
      } catch (error) {
        const away = partAwayPage(error);
        if (away === undefined) throw error;
        show(request, response, operator, away);
      }
    };

  router.get('/find', async (request, response) => {
    const operator = await signedIn(request, response);
    if (operator === undefined) return;
    const wanted = new URL(request.originalUrl, publicUrl).searchParams.get('id')?.trim() ?? '';
    const target = searchTarget(pages, wanted);
    if (target !== undefined) return response.redirect(303, target);
    show(request, response, operator, notFoundPage(pages, wanted));
  });

  const body = urlencoded({ extended: false, limit: '256kb', parameterLimit: 2_000 });
  for (const page of pages) {
    for (const part of page.live ?? [])
      router.get(part.path, serveLivePart({ part, cookies, sessions, logger, requestOf }));
    router.get(page.path, handle(page, page.show));
    if (page.act !== undefined) router.post(page.path, body, handle(page, page.act));
  }

  router.use(async (request, response) => {
    const operator = await signedIn(request, response);
    if (operator !== undefined) show(request, response, operator, notFoundPage(pages));
  });
  router.use(pageErrors((error) => logger.error({ err: error }, 'console.page_failed')));

  const withoutInterfaces = Router();
  withoutInterfaces.use((request, response, next) => {
    if (INTERFACE.test(request.path)) next();
    else router(request, response, next);
  });
  return withoutInterfaces;
}

function foreignForm(response: Response): void {
  response.send(
    barePage(
      'This request cannot go on',
      html`<p class="soft">The form was sent from another site. Nothing was done.</p>
        <p><a class="button" href="/">Go to the console</a></p>`,
    ),
  );
}

function formOf(request: Request): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries((request.body ?? {}) as Record<string, unknown>))
    for (const one of [value].flat()) if (typeof one === 'string') form.append(name, one);
  return form;
}

function pathOfReferrer(request: Request, publicUrl: string): string | undefined {
  const referrer = URL.parse(request.get('referer') ?? '');
  return referrer?.origin === publicUrl ? referrer.pathname + referrer.search : undefined;
}
