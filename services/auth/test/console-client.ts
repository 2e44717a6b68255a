import { createHash, randomBytes } from 'node:crypto';
import { personScopes, powers } from '@tallystick/contracts';
import type { SigningKey } from '@tallystick/security';
import type { RunningAuth } from './auth-service.ts';
import { CONSOLE_CALLBACK } from './auth-service.ts';
import { Browser, type Shown } from '@tallystick/pages/testing';
import { opsAssertion, proofFor, requestToken, type TokenAnswer } from './client.ts';

type Person = { email: string; password: string };

/** The client `console`, which signs operators in. */
export class ConsoleClient {
  readonly #auth: RunningAuth;
  readonly key: SigningKey;
  readonly #verifier = randomBytes(32).toString('base64url');

  constructor(auth: RunningAuth, key: SigningKey) {
    this.#auth = auth;
    this.key = key;
  }

  /** Signs a person in. @returns the tokens */
  async signIn(
    person: Person,
    changes: Record<string, string> = {},
    browser = new Browser(),
  ): Promise<TokenAnswer> {
    const { left, body } = await this.submit(browser, person, changes);
    const code = left?.searchParams.get('code');
    if (typeof code !== 'string') throw new Error(`no code at ${String(left)}: ${body}`);
    return this.#token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CONSOLE_CALLBACK,
      code_verifier: this.#verifier,
    });
  }

  /** Opens the sign-in page and submits it. */
  async submit(
    browser: Browser,
    { email, password }: Person,
    changes: Record<string, string> = {},
  ): Promise<Shown> {
    const url = new URL('/oauth/authorize', this.#auth.url);
    url.search = new URLSearchParams({
      client_id: 'console',
      redirect_uri: CONSOLE_CALLBACK,
      response_type: 'code',
      scope: ['openid', ...personScopes(powers)].join(' '),
      state: 'state-1',
      code_challenge: createHash('sha256').update(this.#verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    }).toString();
    const page = await browser.open(url);
    return browser.submit(page, page.url.pathname, { email, password });
  }

  refresh(refreshToken: string): Promise<TokenAnswer> {
    return this.#token({ grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  async #token(parameters: Record<string, string>): Promise<TokenAnswer> {
    const assertion = await opsAssertion(this.#auth.url, this.#auth.opsKey, 'console');
    return requestToken(
      this.#auth.url,
      { ...parameters, ...assertion },
      await proofFor(this.key, this.#auth.url),
    );
  }
}
