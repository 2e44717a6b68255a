import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runAuth, type RunningAuth } from './auth-service.ts';

const REQUESTS_PER_SECOND_MAX = 5;

let auth: RunningAuth;
beforeAll(async () => {
  auth = await runAuth({ REQUESTS_PER_SECOND_MAX: String(REQUESTS_PER_SECOND_MAX) });
});
afterAll(() => auth.stop());

/** Sends requests until one is refused for the rate of its address. */
async function refused(path: string, init: RequestInit): Promise<Response> {
  for (;;) {
    const ask = (): Promise<Response> => fetch(auth.url + path, init);
    const answers = await Promise.all(Array.from({ length: 4 * REQUESTS_PER_SECOND_MAX }, ask));
    const found = answers.find(({ status }) => status === 429);
    if (found !== undefined) return found;
  }
}

describe('an address with too many requests', () => {
  test.each(['/oauth/authorize', '/.well-known/openid-configuration', '/login/x'])(
    'gets a page that asks to wait, at %s',
    async (path) => {
      const answer = await refused(path, { headers: { accept: 'text/html' } });
      expect(answer.headers.get('ratelimit-policy')).toBe(`"address";q=${REQUESTS_PER_SECOND_MAX};w=1`);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await answer.text()).toContain('<h1>Please wait</h1>');
    },
  );

  test.each(['/oauth/token', '/oauth/par', '/oauth/revocation'])(
    'gets a problem document as an application, at %s',
    async (path) => {
      const answer = await refused(path, { method: 'POST', headers: { accept: 'application/json' } });
      expect(await answer.json()).toMatchObject({ status: 429, code: 'rate.limited' });
    },
  );
});
