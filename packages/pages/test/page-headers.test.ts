import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import { asset, cookieOf, html, pageHeaders, sameOriginForms } from '../src/index.ts';

const style = asset('/assets', 'css', 'p { margin: 0 }');
const app = express();
app.use('/plain', pageHeaders({ secure: false }));
app.use(
  '/scripted',
  pageHeaders({ secure: true, scripts: true, formActions: ["'self'", 'https://auth.example'] }),
);
app.use(sameOriginForms('http://console.example', (response) => void response.send('foreign')));
app.get(style.path, style.serve);
app.use((request, response) => void response.send(html`${cookieOf(request, 'id') ?? 'none'}`.markup));
const server = createServer(app);
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

describe('the policy of pages', () => {
  test('runs no script by default', async () => {
    const { headers } = await fetch(`${url}/plain`);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';style-src 'self';img-src data:;script-src 'none';base-uri 'none';frame-ancestors 'none'",
    );
  });

  test('runs scripts of its own origin where they are allowed, and none inline', async () => {
    const policy = (await fetch(`${url}/scripted`)).headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self';connect-src 'self';form-action 'self' https://auth.example");
    expect(policy).not.toContain('unsafe');
  });
});

describe('a form', () => {
  test.each([
    [{ origin: 'http://console.example' }, 200],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://console.example' }, 200],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://console.example' }, 403],
  ])('with %j is answered with %i', async (headers, status) => {
    expect((await fetch(url, { method: 'POST', headers })).status).toBe(status);
  });
});

describe('a page', () => {
  test('reads the cookie of a name', async () => {
    const read = await fetch(url, { headers: { cookie: 'a=1; id=2; b=3' } });
    expect(await read.text()).toBe('2');
  });

  test('has a stylesheet that browsers keep', async () => {
    const { headers } = await fetch(url + style.path);
    expect(headers.get('cache-control')).toContain('immutable');
    expect(headers.get('content-type')).toContain('text/css');
  });
});
