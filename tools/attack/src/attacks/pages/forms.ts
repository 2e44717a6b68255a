import type { Browser } from '@tallystick/demo';
import { verdict, type Attack } from '../../attack.ts';
import type { SignInPage } from '../../http/oauth-client.ts';
import type { World } from '../../target/world.ts';
import { filled, honestSignIn, opened, SIGN_IN } from './sign-in.ts';
import { patientBrowser } from '../../http/patient-browser.ts';

/** Sends the sign-in form with the right password in a way that must be refused. */
function formAttack(
  name: string,
  expected: number,
  send: (page: SignInPage, form: URLSearchParams, browser: Browser, world: World) => Promise<Response>,
): Attack {
  return {
    name: `pages.${name}`,
    on: SIGN_IN,
    control: honestSignIn,
    run: async (world) => {
      const { page, browser } = await opened(world);
      const form = filled(page, world.thief.email, world.thief.password);
      return verdict(String(expected), String((await send(page, form, browser, world)).status));
    },
  };
}

/** Forms of other sites, and of other interactions. */
const crossSite: Attack[] = [
  formAttack('form-of-another-origin', 403, ({ url }, form, browser) =>
    browser.post(url, form, { origin: 'https://evil.example' }),
  ),
  formAttack('form-of-an-opaque-origin', 403, ({ url }, form, browser) =>
    browser.post(url, form, { origin: 'null' }),
  ),
  formAttack('form-of-a-similar-origin', 403, ({ url }, form, browser) =>
    browser.post(url, form, { origin: `${url.origin}.evil.example` }),
  ),
  formAttack('form-of-another-port', 403, ({ url }, form, browser) =>
    browser.post(url, form, { origin: `${url.protocol}//${url.hostname}:9` }),
  ),
  ...['cross-site', 'same-site', 'none'].map((site) =>
    formAttack(`form-with-fetch-site-${site}`, 403, ({ url }, form, browser) =>
      browser.post(url, form, { 'sec-fetch-site': site }),
    ),
  ),
  formAttack('form-without-the-cookie', 400, ({ url }, form) => patientBrowser().post(url, form)),
  formAttack('form-of-another-browser', 400, async ({ url }, form, _browser, world) => {
    const { browser } = await opened(world);
    return browser.post(url, form);
  }),
  formAttack('form-of-a-guessed-interaction', 400, (page, form, browser) =>
    browser.post(new URL('/login/guessed', page.url), form),
  ),
  formAttack('consent-before-sign-in', 400, ({ url }, form, browser) =>
    browser.post(new URL(`${url.pathname}/consent`, url), form),
  ),
  formAttack('form-as-get', 200, ({ url }, form, browser) =>
    browser.get(new URL(`?${form.toString()}`, url)),
  ),
  formAttack('form-as-json', 422, ({ url }, _form, browser, { thief }) =>
    browser.post(url, JSON.stringify({ email: thief.email, password: thief.password }) as never, {
      'content-type': 'application/json',
    }),
  ),
  formAttack('cookie-altered', 400, ({ url }, form, browser) =>
    patientBrowser().post(url, form, { cookie: browser.cookiesFor(url).join('; ').replace(/=./, '=x') }),
  ),
];

/** Text in the sign-in form. */
const texts: Attack[] = [
  inputAttack('email-sql', 422, "' OR '1'='1", 'x'),
  inputAttack('email-nul', 422, 'customer@example.com\0', 'x'),
  inputAttack('password-nul', 422, 'nobody@example.com', 'x\0y'),
  inputAttack('email-of-10-kb', 413, 'a'.repeat(10_000), 'x'),
  inputAttack('email-of-300-characters', 422, `${'a'.repeat(300)}@example.com`, 'x'),
  inputAttack('password-of-2000-characters', 422, 'nobody@example.com', 'x'.repeat(2_000)),
  inputAttack('email-with-markup', 422, '"><script>alert(1)</script>', 'x'),
  inputAttack('no-password', 422, 'nobody@example.com', ''),
  {
    name: 'pages.hundred-fields',
    on: SIGN_IN,
    run: async (world) => {
      const { page, browser } = await opened(world);
      const form = new URLSearchParams(
        Array.from({ length: 100 }, (_, at): [string, string] => [`field${at}`, 'x']),
      );
      return verdict('413', String((await browser.post(page.url, form)).status));
    },
  },
  {
    name: 'pages.two-emails',
    on: SIGN_IN,
    run: async (world) => {
      const { page, browser } = await opened(world);
      const form = filled(page, world.thief.email, world.thief.password);
      form.append('email', world.victim.email);
      return verdict('422', String((await browser.post(page.url, form)).status));
    },
  },
];

/** Sends text in the form; no page may contain markup of it. */
function inputAttack(name: string, expected: number, email: string, password: string): Attack {
  return {
    name: `pages.${name}`,
    on: SIGN_IN,
    run: async (world) => {
      const { page, browser } = await opened(world);
      const response = await browser.post(page.url, filled(page, email, password));
      const text = await response.text();
      if (text.includes('<script')) return { held: false, shown: 'the page has the markup' };
      return verdict(String(expected), String(response.status));
    },
  };
}

/** Attacks by forms of other sites, and by what is typed into a form. */
export const formAttacks: readonly Attack[] = [...crossSite, ...texts];
