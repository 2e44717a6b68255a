import express, { type Express, type Router } from 'express';
import type { Provider } from 'oidc-provider';
import { pageHeaders } from './page-headers.ts';
import { pageErrors } from './page-errors.ts';
import { usePublicOrigin } from './public-origin.ts';
import { sameOriginForms } from './same-origin.ts';

export interface AppOptions {
  publicUrl: string;
  provider: Provider;
  health: Router;
  login: Router;
  /** Hears of faults of ours. */
  onFault(error: unknown): void;
}

/** Everything that the service answers over HTTP, in the order in which a request meets it. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  // Behind a proxy of the private network the client's address is the last that the proxy added.
  app.set('trust proxy', 'loopback, linklocal, uniquelocal');
  app.use(options.health);
  app.use(usePublicOrigin(options.publicUrl));
  app.use(pageHeaders(options.publicUrl.startsWith('https:')));
  app.use('/login', sameOriginForms(options.publicUrl));
  app.use(options.login);
  app.use(options.provider.callback());
  app.use(pageErrors(options.onFault));
  return app;
}
