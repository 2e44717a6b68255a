import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPool } from '@tallystick/postgres';
import { Browser } from '@tallystick/pages/testing';
import { runConsole, type StartedConsole } from './running-console.ts';

let running: StartedConsole;
beforeAll(async () => {
  running = await runConsole();
}, 120_000);
afterAll(() => running?.stop());

describe('the sign-in of an operator', () => {
  test('leads to auth, without a consent page, and back to the page that was asked for', async () => {
    const shown = await running.signIn(new Browser('everywhere'), 'Olivia', '/?at=1');
    expect(shown.url.href).toBe(`${running.url}/?at=1`);
    expect(shown.status).toBe(200);
    expect(shown.body).toContain('<h1>Overview</h1>');
    expect(shown.body).toContain('Roles: reader, support, registrar');
  });

  test('leads only to pages of the console', async () => {
    const browser = new Browser('everywhere');
    const page = await browser.open(`${running.url}/sign-in?to=//evil.example/`);
    const { email, password } = running.operator('Olivia');
    const shown = await browser.submit(page, page.url.pathname, { email, password });
    expect(shown.url.href).toBe(`${running.url}/`);
  });

  test('keeps neither the id of the session nor its tokens in the clear', async () => {
    const browser = new Browser('everywhere');
    await running.signIn(browser);
    const pool = createPool({ url: running.system.stackFile.postgres.console!, applicationName: 'test' });
    const { rows } = await pool.query<{ kept: string }>(
      `SELECT string_agg(encode(id_digest, 'escape') || encode(sealed, 'escape'), ' ') AS kept FROM session`,
    );
    await pool.end();
    expect(rows[0]!.kept).not.toContain(browser.cookie('console')!);
    expect(rows[0]!.kept).not.toContain('accessToken');
  });

  test('refuses a customer', async () => {
    const browser = new Browser('everywhere');
    const page = await browser.open(running.url);
    const { email, password } = running.system.stackFile.customers[0]!;
    const shown = await browser.submit(page, page.url.pathname, { email, password });
    expect(shown.status).toBe(422);
    expect(shown.body).toContain('The e-mail address or the password is wrong.');
  });

  test('refuses the callback of another browser', async () => {
    const [mine, theirs] = [new Browser('everywhere'), new Browser('everywhere')];
    await mine.open(`${running.url}/sign-in`);
    const shown = await theirs.open(`${running.url}/sign-in/callback?code=1&state=1`);
    expect(shown.status).toBe(400);
    expect(shown.body).toContain('This sign-in has ended');
  });
});

describe('a page of the console', () => {
  test('runs scripts and styles of its own origin only', async () => {
    const { headers } = await running.signIn(new Browser('everywhere'));
    expect(headers.get('content-security-policy')).toContain("script-src 'self';connect-src 'self'");
    expect(headers.get('content-security-policy')).toContain("style-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('says where else to look if there is none', async () => {
    const browser = new Browser('everywhere');
    await running.signIn(browser);
    const shown = await browser.open(`${running.url}/nowhere`);
    expect(shown.status).toBe(404);
    expect(shown.body).toContain('Where else to look');
  });

  test('escapes what was searched for', async () => {
    const browser = new Browser('everywhere');
    await running.signIn(browser);
    const shown = await browser.open(
      `${running.url}/find?id=${encodeURIComponent('"><script>alert(1)</script>')}`,
    );
    expect(shown.status).toBe(404);
    expect(shown.body).not.toContain('<script>alert');
  });

  test('refuses a form that another site sent', async () => {
    const browser = new Browser('everywhere');
    const page = await running.signIn(browser);
    const refused = await browser.submit(page, '/sign-out', {}, { origin: 'https://evil.example' });
    expect(refused.status).toBe(403);
    expect((await browser.open(running.url)).body).toContain('<h1>Overview</h1>');
  });

  test('leads to the sign-in after the sign-out', async () => {
    const browser = new Browser('everywhere');
    const page = await running.signIn(browser);
    const asked = await browser.submit(page, '/sign-out');
    expect(asked.body).toContain('Sign out?');
    const out = await browser.submit(asked, '/logout/confirm', { logout: 'yes' });
    expect(out.url.href).toBe(`${running.url}/signed-out`);
    expect((await browser.open(running.url)).body).toContain('<h1>Sign in</h1>');
  });
});
