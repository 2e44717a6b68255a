import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** The parts in which the policy of some pages differs. */
export interface PagePolicy {
  /** Whether the service is reached over HTTPS. */
  secure: boolean;
  /** Whether pages load scripts of their own origin and connect to it; by default they run none. */
  scripts?: boolean;
  /** The targets of forms and of the redirects after them. By default a page adds its own with {@link allowFormsTo}. */
  formActions?: readonly string[];
}

/**
 * Sets the security headers of pages: only stylesheets of the own origin load, framing is denied, and no inline script
 * or style runs. A browser also applies `form-action` to redirects after a form.
 */
export function pageHeaders({ secure, scripts = false, formActions }: PagePolicy): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ['data:'],
        scriptSrc: [scripts ? "'self'" : "'none'"],
        ...(scripts ? { connectSrc: ["'self'"] } : {}),
        ...(formActions === undefined ? {} : { formAction: [...formActions] }),
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
