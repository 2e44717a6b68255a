import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ada,
  bob,
  carol,
  dan,
  erin,
  fay,
  newSigningKey,
  runAuth,
  SCRIPT,
  type RunningAuth,
} from './auth-service.ts';
import { Browser, type Shown } from '@tallystick/pages/testing';
import { WalletClient } from './client.ts';

let auth: RunningAuth;
let client: WalletClient;

beforeAll(async () => {
  auth = await runAuth();
  client = new WalletClient(auth.url, await newSigningKey());
});
afterAll(() => auth.stop());

/** Opens a new sign-in page and tries a name and a password. */
async function attempt(email: string, password: string): Promise<{ page: Shown; tookMs: number }> {
  const browser = new Browser();
  const signIn = await browser.open(client.authorizeUrl());
  const from = performance.now();
  const page = await browser.submit(signIn, signIn.url.pathname, { email, password });
  return { page, tookMs: performance.now() - from };
}

describe('password guessing', () => {
  test('gets the same answer for a wrong name and a wrong password', async () => {
    const [name, password] = [
      await attempt('bab@example.com', bob.password),
      await attempt(bob.email, 'wrong'),
    ];
    const plain = ({ page }: { page: Shown }): string =>
      page.body.replaceAll(/\/login\/[\w-]{43}/g, '/login/uid').replaceAll(/b[ao]b@/g, 'email@');
    expect(plain(name)).toContain('The e-mail address or the password is wrong.');
    expect(plain(name)).toBe(plain(password));
    expect(name.page.status).toBe(password.page.status);
  });

  test('asks again for an address that no text of the database can be', async () => {
    expect((await attempt('bob@example.com\0', 'wrong')).page.status).toBe(422);
  });

  test('takes as long for a wrong name as for a wrong password', async () => {
    const fastest = { name: Infinity, password: Infinity };
    for (let round = 0; round < 3; round += 1) {
      fastest.name = Math.min(fastest.name, (await attempt(`nobody-${round}@example.com`, 'wrong')).tookMs);
      fastest.password = Math.min(fastest.password, (await attempt(bob.email, 'wrong')).tookMs);
    }
    // Without the hash of a decoy, a wrong name would be about ten times faster.
    expect(fastest.name).toBeGreaterThan(fastest.password / 3);
  });

  test.each([
    ['of a customer', ada.email],
    ['without a customer', 'nobody@example.com'],
  ])('blocks a name %s after five wrong passwords, even for the right password', async (_name, email) => {
    for (let round = 0; round < 5; round += 1) expect((await attempt(email, 'wrong')).page.status).toBe(422);
    const { page } = await attempt(email, ada.password);
    expect(page.status).toBe(429);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(page.body).toMatch(/Too many attempts\. Wait \d+ seconds/);
  });

  test('does not affect other customers, and a right password resets the count', async () => {
    for (let round = 0; round < 2; round += 1) {
      for (let wrong = 0; wrong < 4; wrong += 1) await attempt(carol.email, 'wrong');
      expect((await attempt(carol.email, carol.password)).page.body).toContain('<h1>Allow access?</h1>');
    }
  });

  test('counts one customer once, however the name is spelled', async () => {
    const spellings = [
      'erin@example.com',
      'ERIN@example.com',
      'ｅｒｉｎ@example.com',
      'Erin@Example.com',
      'eriN@example.com',
    ];
    for (const email of spellings) expect((await attempt(email, 'wrong')).page.status).toBe(422);
    for (const email of spellings) expect((await attempt(email, erin.password)).page.status).toBe(429);
    // Postgres lowers this letter to an i, JavaScript does not: it must not name the customer.
    expect((await attempt('erİn@example.com', erin.password)).page.status).toBe(422);
  });

  test('elsewhere does not shut a customer out of a browser that signed in before', async () => {
    const known = new Browser();
    const first = await known.open(client.authorizeUrl());
    await known.submit(first, first.url.pathname, { email: carol.email, password: carol.password });
    for (let round = 0; round < 5; round += 1) await attempt(carol.email, 'wrong');
    expect((await attempt(carol.email, carol.password)).page.status).toBe(429);

    const again = await known.open(client.authorizeUrl({ prompt: 'login consent' }));
    const consent = await known.submit(again, again.url.pathname, {
      email: carol.email,
      password: carol.password,
    });
    expect(consent.body).toContain('<h1>Allow access?</h1>');
  });

  test('in a known browser is limited too, and its cookie opens no other account', async () => {
    const known = new Browser();
    const first = await known.open(client.authorizeUrl());
    await known.submit(first, first.url.pathname, { email: dan.email, password: dan.password });
    const guess = async (email: string, password: string): Promise<number> => {
      const page = await known.open(client.authorizeUrl({ prompt: 'login consent' }));
      return (await known.submit(page, page.url.pathname, { email, password })).status;
    };
    for (let round = 0; round < 5; round += 1) expect(await guess(dan.email, 'wrong')).toBe(422);
    expect(await guess(dan.email, dan.password)).toBe(429);
    // The locked customer of an earlier test stays locked here.
    expect(await guess(erin.email, erin.password)).toBe(429);
  });
});

test.each([
  ['composed', fay.password.normalize('NFC')],
  ['decomposed', fay.password],
  ['with no-break spaces', fay.password.replaceAll(' ', '\u00a0')],
])('a password typed %s signs in', async (_name, typed) => {
  expect((await attempt(fay.email, typed)).page.body).toContain('<h1>Allow access?</h1>');
});

describe('the pages', () => {
  test('escape values of the request and the client', async () => {
    const page = await new Browser().open(client.authorizeUrl({ login_hint: SCRIPT }));
    expect(page.body).not.toContain('<script');
    expect(page.body).toContain('value="&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
    expect(page.body).toContain('Wallet &quot;&#39;&gt;&lt;script&gt;');
    const error = await new Browser().open(client.authorizeUrl({ client_id: SCRIPT }));
    expect(error.status).toBe(400);
    expect(error.body).not.toContain('<script');
  });

  test('allow no scripts, no framing and no forms to other origins', async () => {
    const { headers } = await new Browser().open(client.authorizeUrl());
    const policy = headers.get('content-security-policy')!;
    for (const part of ["default-src 'none'", "script-src 'none'", "frame-ancestors 'none'"])
      expect(policy).toContain(part);
    expect(policy).toContain("form-action 'self' http://127.0.0.1");
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('refuse a form that another site sent', async () => {
    const browser = new Browser();
    const signIn = await browser.open(client.authorizeUrl());
    const fields = { email: bob.email, password: bob.password };
    const foreign = { origin: 'https://evil.example' };
    expect((await browser.submit(signIn, signIn.url.pathname, fields, foreign)).status).toBe(403);
    const crossSite = { 'sec-fetch-site': 'cross-site' };
    expect((await browser.submit(signIn, signIn.url.pathname, fields, crossSite)).status).toBe(403);
  });

  test('refuse a form without the cookie of its interaction', async () => {
    const signIn = await new Browser().open(client.authorizeUrl());
    const fields = { email: bob.email, password: bob.password };
    const page = await new Browser().submit(signIn, signIn.url.pathname, fields);
    expect(page.status).toBe(400);
    expect(page.body).toContain('This sign-in has ended');
  });

  test('use the configured public origin and ignore the Host header', async () => {
    const page = await fetch(`${auth.url}/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
    });
    const discovery = (await page.json()) as Record<string, unknown>;
    expect(discovery).toMatchObject({ issuer: auth.url, token_endpoint: `${auth.url}/oauth/token` });
    expect(JSON.stringify(discovery)).not.toContain('evil');
  });

  test('ask again and keep the name if the form is incomplete', async () => {
    const browser = new Browser();
    const signIn = await browser.open(client.authorizeUrl());
    const page = await browser.submit(signIn, signIn.url.pathname, {
      email: 'dan@example.com',
      password: '',
    });
    expect(page.status).toBe(422);
    expect(page.body).toContain('value="dan@example.com"');
  });

  test('answer to health checks', async () => {
    expect((await fetch(`${auth.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${auth.url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${auth.url}/nothing`)).status).toBe(404);
  });
});
