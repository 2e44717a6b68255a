import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deadLinks } from '../src/check/dead-links.ts';
import { serveSite, type ServedSite } from '../src/site/serve.ts';

const directory = mkdtempSync(join(tmpdir(), 'tallystick-site-'));
const script = 'document.title = "a";';
let site: ServedSite;
beforeAll(async () => {
  mkdirSync(join(directory, 'built', 'guide'), { recursive: true });
  writeFileSync(join(directory, 'secret.txt'), 'outside of the site');
  writeFileSync(
    join(directory, 'built', 'index.html'),
    `<script>${script}</script><a href="/guide/#place">a</a><a href="/guide/#gone">b</a><a href="/lost/">c</a>`,
  );
  writeFileSync(
    join(directory, 'built', 'guide', 'index.html'),
    '<h2 id="place">Guide</h2><a href="../">up</a>',
  );
  writeFileSync(join(directory, 'built', '404.html'), 'Not here');
  site = await serveSite(join(directory, 'built'), 0);
});
afterAll(async () => {
  await site.close();
  rmSync(directory, { recursive: true });
});

const get = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(site.url + path, { redirect: 'manual', ...init });

/** Sends a target as it is: `fetch` would resolve `..` first. */
function statusOfTarget(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(site.url, { path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    })
      .once('error', reject)
      .end();
  });
}

describe('the served site', () => {
  test('runs only the scripts that stand in a page', async () => {
    const answer = await get('/');
    const digest = createHash('sha256').update(script).digest('base64');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/html');
    const policy = answer.headers.get('content-security-policy')!;
    expect(policy).toContain(`script-src 'self' 'wasm-unsafe-eval' 'sha256-${digest}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("script-src 'unsafe-inline'");
  });

  test('sends a folder without a slash to its page', async () => {
    const answer = await get('/guide');
    expect([answer.status, answer.headers.get('location')]).toEqual([301, '/guide/']);
  });

  test('answers an unknown address with its own page, and 404', async () => {
    const answer = await get('/lost/');
    expect([answer.status, await answer.text()]).toEqual([404, 'Not here']);
  });

  test('takes reads only', async () => {
    const answer = await get('/', { method: 'POST' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/%00', '/%'])(
    'gives nothing outside of its folder for %s',
    async (path) => {
      expect(await statusOfTarget(path)).toBe(404);
    },
  );

  test('says that a port is in use', async () => {
    const port = Number(new URL(site.url).port);
    await expect(serveSite(directory, port)).rejects.toThrow(`port ${port} is in use`);
  });
});

describe('the check of links', () => {
  test('finds pages and places that are not there', () => {
    expect(deadLinks(join(directory, 'built'))).toEqual([
      '/index.html: there is no place /guide/#gone',
      '/index.html: there is no /lost/',
    ]);
  });
});
