import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OAuthClient } from '../src/index.ts';

/** Serves the metadata of an authorization server (OpenID Connect Discovery). */
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ issuer: issuer() }));
});
const issuer = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

test.each([
  ['is late', () => AbortSignal.timeout(0)],
  ['is lost', () => undefined],
])('the metadata are asked for again if the answer %s', async (_case, signalOf) => {
  let asked = 0;
  const send: typeof fetch = async (input, init) => {
    asked += 1;
    if (asked > 1) return fetch(input, init);
    const signal = signalOf();
    if (signal === undefined) throw new TypeError('fetch failed');
    await once(signal, 'abort');
    return fetch(input, { ...init, signal });
  };
  const client = await OAuthClient.discover({ issuer: issuer(), clientId: 'treasury', fetch: send });
  expect(client).toBeInstanceOf(OAuthClient);
  expect(asked).toBe(2);
});
