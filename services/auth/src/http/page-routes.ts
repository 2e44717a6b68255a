import { Router, type RequestHandler } from 'express';
import type { Provider } from 'oidc-provider';
import { pageHeaders, sameOriginForms } from '@tallystick/pages';
import { foreignForm, notFound, pageErrors } from './page-errors.ts';
import { isPagePath } from './page-paths.ts';
import { usePublicOrigin } from './public-origin.ts';

const OIDC_PATHS = /^\/(?:oauth|\.well-known)\//;

export interface PageRoutesOptions {
  publicUrl: string;
  provider: Provider;
  login: Router;
  /** Limits the requests of each address. */
  limitAddress: RequestHandler;
  /** Takes internal errors. */
  onFault: (error: unknown) => void;
}

/** Routes the pages and the protocol's endpoints, in the order of processing; other paths pass through. */
export function pageRoutes(options: PageRoutesOptions): Router {
  const pages = Router();
  pages.use(usePublicOrigin(options.publicUrl));
  pages.use(pageHeaders({ secure: options.publicUrl.startsWith('https:') }));
  pages.use(options.limitAddress);
  pages.use('/login', sameOriginForms(options.publicUrl, foreignForm));
  pages.use(options.login);
  const answerOidc = options.provider.callback();
  // Not mounted at these paths, because the provider's routes are full paths.
  pages.use((request, response, next) => {
    if (OIDC_PATHS.test(request.path)) return answerOidc(request, response);
    next();
  });
  pages.use(notFound);
  pages.use(pageErrors(options.onFault));

  const router = Router();
  router.use((request, response, next) => {
    if (isPagePath(request.path)) pages(request, response, next);
    else next();
  });
  return router;
}
