import { beforeAll, describe, expect, test } from '@jest/globals';
import { PROTECTED_RESOURCE_PATH } from '@tallystick/contracts';
import { accountGet, accountPath, call, port, transfer, transferPost, world } from './transfer-edge.ts';

const ORIGIN = 'https://wallet.example';

beforeAll(() => world.allowOrigins([ORIGIN, 'http://localhost:5173']));

const preflight = (path: string, origin: string, method = 'POST'): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,dpop,idempotency-key',
    },
  });

/** Returns the headers of CORS in a response. */
const corsOf = ({ headers }: { headers: Headers }): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

const listed = (header: string | undefined): string[] => (header ?? '').toLowerCase().split(', ');

describe('a preflight of an origin that a client registered', () => {
  test.each([
    [transferPost.path, 'POST', ['post']],
    [accountPath(), 'GET', ['get', 'head']],
  ])('of %s is answered 204 with the methods of the path', async (path, method, methods) => {
    const answer = await preflight(path, ORIGIN, method);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(corsOf(answer)).toMatchObject({ 'access-control-allow-origin': ORIGIN });
    expect(listed(corsOf(answer)['access-control-allow-methods'])).toEqual(methods);
    expect(answer.headers.get('vary')).toBe('Origin');
  });

  test('allows the headers of a request that moves money', async () => {
    const allowed = listed(
      corsOf(await preflight(transferPost.path, ORIGIN))['access-control-allow-headers'],
    );
    for (const name of ['authorization', 'dpop', 'content-type', 'idempotency-key', 'prefer'])
      expect(allowed).toContain(name);
  });

  test('never allows credentials of the browser', async () => {
    expect(corsOf(await preflight(transferPost.path, ORIGIN))).not.toHaveProperty(
      'access-control-allow-credentials',
    );
  });
});

describe('a response', () => {
  test.each([
    ['to an answer', () => call({ method: 'GET', path: accountPath(), headers: { origin: ORIGIN } })],
    ['to a write', () => call(transfer({ headers: { origin: ORIGIN } }))],
    [
      'to a refusal',
      () => call({ method: 'GET', path: accountPath(), token: '', proof: null, headers: { origin: ORIGIN } }),
    ],
    [
      'to a method that the path lacks',
      () => call({ method: 'DELETE', path: accountPath(), headers: { origin: ORIGIN } }),
    ],
    [
      'to the metadata of the service',
      () => fetch(`http://127.0.0.1:${port}${PROTECTED_RESOURCE_PATH}`, { headers: { origin: ORIGIN } }),
    ],
  ])('%s may be read by a registered origin, with the headers that a client needs', async (_name, ask) => {
    const answer = await ask();
    expect(corsOf(answer)).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-expose-headers': expect.any(String),
    });
    expect(answer.headers.get('vary')).toBe('Origin');
    const exposed = listed(corsOf(answer)['access-control-expose-headers']);
    for (const name of [
      'location',
      'ratelimit',
      'retry-after',
      'www-authenticate',
      'deprecation',
      'sunset',
      'link',
    ])
      expect(exposed).toContain(name);
  });

  test('at the limit of requests may be read too', async () => {
    const limited = world.newEdge({ requestsPerSecondMax: 1, operations: [] });
    limited.read(accountGet, async () => {
      throw new Error('no request gets here');
    });
    const at = await limited.listen(0);
    try {
      const ask = (): Promise<Response> =>
        fetch(`http://127.0.0.1:${at}${accountPath()}`, { headers: { origin: ORIGIN } });
      const answers = await Promise.all([ask(), ask(), ask()]);
      expect(answers.map(({ status }) => status)).toContain(429);
      for (const answer of answers) expect(corsOf(answer)['access-control-allow-origin']).toBe(ORIGIN);
    } finally {
      await limited.close();
    }
  });

  test('to no origin has no header of CORS, and still differs by origin for caches', async () => {
    const answer = await call({ method: 'GET', path: accountPath() });
    expect([corsOf(answer), answer.headers.get('vary')]).toEqual([{}, 'Origin']);
  });
});

describe('an origin that no client registered gets no header of CORS', () => {
  test.each([
    ['another site', 'https://evil.example'],
    ['another scheme', 'http://wallet.example'],
    ['another port', 'https://wallet.example:8443'],
    ['a subdomain', 'https://a.wallet.example'],
    ['a longer name', 'https://wallet.example.evil.example'],
    ['other letters', 'https://WALLET.example'],
    ['the default port in words', 'https://wallet.example:443'],
    ['a path', 'https://wallet.example/'],
    ['an opaque origin', 'null'],
    ['a wildcard', '*'],
    ['another port of this machine', 'http://localhost:5174'],
  ])('%s', async (_name, origin) => {
    const asked = await preflight(transferPost.path, origin);
    expect([asked.status, corsOf(asked)]).toEqual([204, {}]);
    expect(corsOf(await call({ method: 'GET', path: accountPath(), headers: { origin } }))).toEqual({});
  });
});

test('an origin ends with the snapshot that no longer lists it', async () => {
  await world.allowOrigins([]);
  expect(corsOf(await preflight(transferPost.path, ORIGIN))).toEqual({});
  await world.allowOrigins([ORIGIN]);
  expect(corsOf(await preflight(transferPost.path, ORIGIN))).not.toEqual({});
});
