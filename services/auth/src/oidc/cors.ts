import { corsHeaders, preflightHeaders } from '@tallystick/http';
import type { Provider } from 'oidc-provider';

const PREFIX = 'access-control-';

/**
 * Limits CORS on the provider's endpoints to the origins that clients registered. The provider answers a preflight, and the
 * discovery document, to every origin.
 */
export function limitCors(provider: Provider, allowsOrigin: (origin: string) => boolean): void {
  provider.use(async (ctx, next) => {
    await next();
    const origin = ctx.get('Origin');
    // The provider removes it if another client registered the origin.
    const isAnswered = ctx.response.get(`${PREFIX}allow-origin`) === origin;
    const methods = ctx.response.get(`${PREFIX}allow-methods`);
    for (const name of Object.keys(ctx.response.headers)) if (name.startsWith(PREFIX)) ctx.remove(name);
    if (origin === '' || !isAnswered || !allowsOrigin(origin)) return;
    ctx.set(ctx.method === 'OPTIONS' ? preflightHeaders(origin, methods.split(',')) : corsHeaders(origin));
  });
}
