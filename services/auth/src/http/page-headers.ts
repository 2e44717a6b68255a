import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

/**
 * Security headers of pages: nothing loads but the stylesheet, nothing frames them, no script runs.
 * The provider's own answers keep `form-action` open, since a browser also holds redirects after a form against it.
 * @param secure whether the service is reached over HTTPS
 */
export function pageHeaders(secure: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ['data:'],
        scriptSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // The Origin header, which the forms are checked by, is not sent under `no-referrer`.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: secure,
    xFrameOptions: { action: 'deny' },
  });
}

/**
 * Lets the forms of this page go to this service, and by its redirect on to the client.
 * @param redirectUri the client's, as the provider checked it
 */
export function allowFormsTo(response: Response, redirectUri: string): void {
  const policy = response.getHeader('content-security-policy');
  const { origin, protocol } = new URL(redirectUri);
  // An app's own scheme has no origin.
  const place = origin === 'null' ? protocol : origin;
  response.setHeader('content-security-policy', `${String(policy)};form-action 'self' ${place}`);
}
