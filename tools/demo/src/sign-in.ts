import { OAuthClient, type RenewedAccess, type Tokens } from '@tallystick/client';
import type { SigningKey } from '@tallystick/security';
import { createBrowser, formsOf, unescaped } from './browser.ts';

/** More redirects and forms than any sign-in needs. */
const STEPS_MAX = 15;

/** The access of a customer who signed in and consented. */
export interface SignedIn {
  tokens: Tokens;
  /** Renews the tokens. */
  access: RenewedAccess;
}

export interface SignInOptions {
  /** The issuer: the auth service's public origin. */
  authUrl: string;
  /** A public client (`token_endpoint_auth_method: none`). */
  clientId: string;
  redirectUri: string;
  email: string;
  password: string;
  /** Scopes, separated by spaces. */
  scope: string;
  dpopKey: SigningKey;
}

/**
 * Signs a customer in as a browser and a client do. It follows redirects with a cookie jar, fills in the sign-in form,
 * allows everything on the consent page, then exchanges the code.
 * @throws Error if a page requires something else, e.g. because the password is wrong
 */
export async function signIn(options: SignInOptions): Promise<SignedIn> {
  const { authUrl, clientId, redirectUri, scope, dpopKey } = options;
  const client = await OAuthClient.discover({ issuer: authUrl, clientId });
  const pending = await client.beginSignIn({ redirectUri, scope, key: dpopKey });
  const callback = await walkThroughPages(new URL(pending.url), {
    ...options,
    isCallback: ({ href }) => href.startsWith(redirectUri),
  });
  const tokens = await client.endSignIn(pending, callback, dpopKey);
  return { tokens, access: client.customerAccess(tokens, dpopKey) };
}

/**
 * Follows pages until the server redirects back to the client.
 * @param person.isCallback whether an address is that of the client
 * @returns the address of that redirect
 */
export async function walkThroughPages(
  start: URL,
  person: Pick<SignInOptions, 'email' | 'password'> & { isCallback: (address: URL) => boolean },
): Promise<URL> {
  const browser = createBrowser();
  let at = start;
  let response = await browser.get(at);
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      at = new URL(location, at);
      if (person.isCallback(at)) return at;
      response = await browser.get(at);
      continue;
    }
    const page = await response.text();
    if (!response.ok)
      throw new Error(`sign-in stopped: ${problemOf(page) ?? `the server answered ${response.status}`}`);
    const form = formsOf(page).find(({ action }) => !action.endsWith('/decline'));
    if (form === undefined) throw new Error('sign-in stopped: a page has no form');
    if (form.fields.has('email')) form.fields.set('email', person.email);
    if (form.fields.has('password')) form.fields.set('password', person.password);
    at = new URL(form.action, at);
    response = await browser.post(at, form.fields);
  }
  throw new Error(`sign-in did not end within ${STEPS_MAX} steps`);
}

function problemOf(page: string): string | undefined {
  const text = /role="alert"[^>]*>([^<]*)/.exec(page)?.[1];
  return text === undefined ? undefined : unescaped(text);
}
