import { createHash, randomBytes } from 'node:crypto';
import { formsOf, type Browser } from '@tallystick/demo';
import { makeProof, type SigningKey } from '@tallystick/security';
import { CUSTOMER_CLIENT } from '@tallystick/stack';
import { CALLBACK, CUSTOMER_SCOPE } from '../target/people.ts';
import type { Person, World } from '../target/world.ts';
import { answerOf, decided, type Answer } from './ask.ts';
import { patientBrowser } from './patient-browser.ts';

/** Parameters of a request; `undefined` leaves one out. */
type Parameters = Record<string, string | undefined>;

/** More redirects and forms than a sign-in has. */
const STEPS_MAX = 12;

/** The customers' client, which makes each part of the protocol by hand, so that an attack can change it. */
export class OauthClient {
  readonly url: string;
  readonly key: SigningKey;
  readonly verifier = randomBytes(32).toString('base64url');

  constructor({ stack }: World, key: SigningKey) {
    this.url = stack.services.auth!;
    this.key = key;
  }

  /** Returns the address of an authorization request. */
  authorizeUrl(changes: Parameters = {}): URL {
    const url = new URL('/oauth/authorize', this.url);
    url.search = defined({
      client_id: CUSTOMER_CLIENT,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: CUSTOMER_SCOPE,
      prompt: 'consent',
      state: 'state-1',
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    }).toString();
    return url;
  }

  /** Signs a customer in and consents. @returns the address to which the browser is sent back */
  async signIn(person: Person, changes: Parameters = {}, browser = patientBrowser()): Promise<URL> {
    const at = await walk(browser, this.authorizeUrl(changes), person);
    if (at === undefined) throw new Error('the sign-in did not end at the client');
    return at;
  }

  /** Signs a customer in and consents. @returns the code */
  async code(person: Person, changes: Parameters = {}): Promise<string> {
    const code = (await this.signIn(person, changes)).searchParams.get('code');
    if (code === null) throw new Error('there is no code');
    return code;
  }

  /** Exchanges a code. @param key signs the proof; `null` sends none */
  exchange(code: string, changes: Parameters = {}, key: SigningKey | null = this.key): Promise<Answer> {
    const parameters = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: this.verifier,
      client_id: CUSTOMER_CLIENT,
      ...changes,
    };
    return this.post('token', parameters, key);
  }

  /** Exchanges a refresh token. @param key signs the proof; `null` sends none */
  refresh(
    refreshToken: string,
    changes: Parameters = {},
    key: SigningKey | null = this.key,
  ): Promise<Answer> {
    const parameters = {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: CUSTOMER_CLIENT,
      ...changes,
    };
    return this.post('token', parameters, key);
  }

  /** Sends a form to an endpoint of the protocol. */
  async post(endpoint: string, parameters: Parameters, key: SigningKey | null = null): Promise<Answer> {
    const url = `${this.url}/oauth/${endpoint}`;
    return decided(async () => {
      const headers =
        key === null ? {} : { DPoP: await makeProof(key, { method: 'POST', url, nowMs: Date.now() }) };
      return answerOf(await fetch(url, { method: 'POST', headers, body: defined(parameters) }));
    });
  }
}

/** The sign-in page of a new interaction. */
export interface SignInPage {
  url: URL;
  /** The form's fields, empty. */
  fields: URLSearchParams;
}

/** Opens a sign-in page. */
export async function openSignIn(client: OauthClient, browser: Browser): Promise<SignInPage> {
  let at = client.authorizeUrl();
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const response = await browser.get(at);
    const location = response.headers.get('location');
    if (location === null) {
      const form = formsOf(await response.text()).find(({ fields }) => fields.has('password'));
      if (form === undefined) throw new Error('there is no sign-in form');
      return { url: new URL(form.action, at), fields: form.fields };
    }
    at = new URL(location, at);
  }
  throw new Error('there is no sign-in page');
}

/** Follows pages and fills in their forms. @returns the address outside auth to which it leads, if any */
async function walk(browser: Browser, start: URL, { email, password }: Person): Promise<URL | undefined> {
  let at = start;
  let response = await browser.get(at);
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      at = new URL(location, at);
      if (at.origin !== start.origin) return at;
      response = await browser.get(at);
      continue;
    }
    const form = formsOf(await response.text()).find(({ action }) => !action.endsWith('/decline'));
    if (form === undefined) return undefined;
    if (form.fields.has('email')) form.fields.set('email', email);
    if (form.fields.has('password')) form.fields.set('password', password);
    at = new URL(form.action, at);
    response = await browser.post(at, form.fields);
  }
  return undefined;
}

function defined(parameters: Parameters): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.append(name, value);
  return search;
}
