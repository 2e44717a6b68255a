import { unescaped } from '@tallystick/demo';
import { verdict, type Attack, type Verdict } from '../../attack.ts';
import { clientOf, filled, honestSignIn, opened, SIGN_IN } from './sign-in.ts';
import { patientBrowser } from '../../http/patient-browser.ts';

const WRONG = 'The e-mail address or the password is wrong.';

/** Markup in parameters that pages show. */
const markup: Attack[] = ['login_hint', 'state', 'client_id', 'scope', 'response_type', 'redirect_uri'].map(
  (name) => ({
    name: `pages.markup-in-${name.replace('_', '-')}`,
    on: 'GET /oauth/authorize',
    run: async (world) => {
      const browser = patientBrowser();
      const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
      let response = await browser.get(clientOf(world).authorizeUrl({ [name]: evil }));
      const location = response.headers.get('location');
      if (location?.startsWith('/') === true)
        response = await browser.get(new URL(location, clientOf(world).url));
      const page = await response.text();
      const hasMarkup = /<script|<img/.test(page);
      const policy = response.headers.get('content-security-policy') ?? '';
      const allowsScripts = location === null && !policy.includes("script-src 'none'");
      return verdict(
        'no markup, no scripts',
        `${hasMarkup ? 'markup' : 'no markup'}, ${allowsScripts ? 'scripts' : 'no scripts'}`,
      );
    },
  }),
);

/** What a page must say to a browser so that no other site uses it. */
const headers: Attack[] = [
  {
    name: 'pages.framed-by-another-site',
    on: 'GET /login/{uid}',
    run: async (world) => {
      const { page, browser } = await opened(world);
      const { headers: sent } = await browser.get(page.url);
      const policy = sent.get('content-security-policy') ?? '';
      const isDenied =
        policy.includes("frame-ancestors 'none'") && sent.get('x-frame-options')?.toLowerCase() === 'deny';
      return verdict('denied', isDenied ? 'denied' : policy);
    },
  },
  {
    name: 'pages.cookies-read-by-scripts',
    on: 'GET /oauth/authorize',
    run: async (world) => {
      const response = await fetch(clientOf(world).authorizeUrl(), { redirect: 'manual' });
      const cookies = response.headers.getSetCookie();
      const open = cookies.filter((cookie) => !/httponly/i.test(cookie) || !/samesite=lax/i.test(cookie));
      return verdict(
        'none of 2 or more',
        `${open.length === 0 ? 'none' : open.length} of ${cookies.length > 1 ? '2 or more' : cookies.length}`,
      );
    },
  },
  {
    name: 'pages.host-header-in-discovery',
    on: 'GET /.well-known/openid-configuration',
    run: async (world) => {
      const { url } = clientOf(world);
      const response = await fetch(`${url}/.well-known/openid-configuration`, {
        headers: {
          'x-forwarded-host': 'evil.example',
          forwarded: 'host=evil.example',
          'x-forwarded-proto': 'http',
        },
      });
      const text = await response.text();
      return verdict(
        'the own origin',
        text.includes('evil.example') || !text.includes(url) ? text : 'the own origin',
      );
    },
  },
  {
    name: 'pages.mixed-up-servers',
    on: 'the answer to the client',
    run: async (world): Promise<Verdict> => {
      // A client of two servers tells by `iss` which one answers (RFC 9207).
      const client = clientOf(world);
      const answer = await client.signIn(world.victim, { dpop_jkt: undefined });
      return verdict(client.url, String(answer.searchParams.get('iss')));
    },
  },
];

/** Sessions that another set up, or that ended. */
const sessions: Attack[] = [
  {
    name: 'pages.session-fixation',
    on: SIGN_IN,
    control: honestSignIn,
    run: async (world) => {
      const { page, browser } = await opened(world);
      const root = new URL('/oauth/authorize', page.url);
      const before = browser.cookiesFor(root).filter((cookie) => cookie.includes('_session'));
      const response = await browser.post(page.url, filled(page, world.thief.email, world.thief.password));
      await browser.get(new URL(response.headers.get('location')!, page.url));
      const after = browser.cookiesFor(root).filter((cookie) => cookie.includes('_session='));
      const isSame = after.length === 0 || after.some((cookie) => before.includes(cookie));
      return verdict('another session', isSame ? 'the same session' : 'another session');
    },
  },
  {
    name: 'pages.session-cookie-guessed',
    on: 'GET /oauth/authorize',
    run: async (world) => {
      const cookie = '_session=guessed; _session.sig=guessed; _session.legacy=guessed';
      const response = await fetch(clientOf(world).authorizeUrl({ prompt: 'none' }), {
        redirect: 'manual',
        headers: { cookie },
      });
      const target = new URL(response.headers.get('location') ?? 'x:');
      return verdict('login_required', String(target.searchParams.get('error')));
    },
  },
  {
    name: 'pages.sign-out-by-another-site',
    on: 'POST /oauth/logout/confirm',
    run: async (world) => {
      const browser = patientBrowser();
      const client = clientOf(world);
      await client.signIn(world.victim, {}, browser);
      await browser.post(
        new URL('/oauth/logout/confirm', client.url),
        new URLSearchParams({ logout: 'yes' }),
        {
          origin: 'https://evil.example',
        },
      );
      // Still signed in: the next request asks for consent alone.
      const response = await browser.get(client.authorizeUrl());
      const page = await (await browser.get(new URL(response.headers.get('location')!, client.url))).text();
      return verdict('still signed in', page.includes('Allow access?') ? 'still signed in' : 'signed out');
    },
  },
  {
    name: 'pages.sign-out-with-another-redirect',
    on: 'GET /oauth/logout',
    run: async (world) => {
      const url = `${clientOf(world).url}/oauth/logout?post_logout_redirect_uri=https://evil.example&client_id=demo-app`;
      const response = await fetch(url, { redirect: 'manual' });
      return verdict(
        '400, no redirect',
        `${response.status}, ${response.headers.get('location') ?? 'no redirect'}`,
      );
    },
  },
];

/** Answers that tell which names exist. */
const enumeration: Attack[] = [
  {
    name: 'pages.names-told-by-text',
    on: SIGN_IN,
    control: honestSignIn,
    run: async (world) => {
      const [known, unknown] = await Promise.all(
        [world.thief.email, `nobody-${Date.now()}@example.com`].map(async (email) => {
          const { page, browser } = await opened(world);
          const response = await browser.post(page.url, filled(page, email, 'wrong'));
          const text = unescaped(await response.text());
          const told = text.replaceAll(email, '').replaceAll(page.url.pathname, '');
          return `${response.status} ${told}`;
        }),
      );
      if (known?.includes(WRONG) !== true) return { held: false, shown: 'there is no such answer' };
      return verdict('the same answer', known === unknown ? 'the same answer' : 'another answer');
    },
  },
];

/** Attacks by markup, on cookies and sessions, and on what pages tell. */
export const sessionAttacks: readonly Attack[] = [...markup, ...headers, ...sessions, ...enumeration];
