import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

/**
 * Sets the security headers of pages: only the stylesheet loads, framing is denied, and scripts are blocked. The
 * provider's own responses keep `form-action` open, since a browser also applies it to redirects after a form.
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
    // The forms are checked by the Origin header, which browsers do not send under `no-referrer`.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: secure,
    xFrameOptions: { action: 'deny' },
  });
}

/**
 * Allows the forms of this page to submit to this service and to redirect to the client.
 * @param redirectUri of the client, checked by the provider
 */
export function allowFormsTo(response: Response, redirectUri: string): void {
  const policy = response.getHeader('content-security-policy');
  const { origin, protocol } = new URL(redirectUri);
  // A custom scheme of an app has no origin.
  const place = origin === 'null' ? protocol : origin;
  response.setHeader('content-security-policy', `${String(policy)};form-action 'self' ${place}`);
}
