import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { newPrivateJwk, newSigningKey, runAuth, type RunningAuth } from './auth-service.ts';
import { opsAssertion, proofFor, requestToken } from './client.ts';

let auth: RunningAuth;
beforeAll(async () => {
  auth = await runAuth();
});
afterAll(() => auth.stop());

const grant = { grant_type: 'client_credentials', scope: 'producers:write' };

describe('client credentials with private_key_jwt and DPoP', () => {
  test('issues a token to the client, bound to the key', async () => {
    const key = await newSigningKey();
    const body = { ...grant, ...(await opsAssertion(auth.url, auth.opsKey)) };
    const answer = await requestToken(auth.url, body, await proofFor(key, auth.url));
    expect(answer).toMatchObject({ status: 200, token_type: 'DPoP', scope: 'producers:write' });
    expect(decodeJwt(answer.access_token!)).toMatchObject({
      sub: 'ops',
      client_id: 'ops',
      aud: 'urn:tallystick:api',
      scope: 'producers:write',
      cnf: { jkt: key.kid },
    });
  });

  test('refuses an assertion by another key', async () => {
    const body = { ...grant, ...(await opsAssertion(auth.url, await newPrivateJwk('EdDSA'))) };
    const answer = await requestToken(auth.url, body, await proofFor(await newSigningKey(), auth.url));
    expect(answer).toMatchObject({ status: 401, error: 'invalid_client' });
  });

  test.each([
    ['the token endpoint', (url: string) => `${url}/oauth/token`],
    ['the issuer in a list', (url: string) => [url]],
    ['the issuer and another server', (url: string) => [url, 'https://other.example']],
  ])(
    'refuses an assertion whose audience is %s: only the issuer identifier is (FAPI 2.0)',
    async (_name, audienceOf) => {
      const assertion = await opsAssertion(auth.url, auth.opsKey, 'ops', audienceOf(auth.url));
      const proof = await proofFor(await newSigningKey(), auth.url);
      const answer = await requestToken(auth.url, { ...grant, ...assertion }, proof);
      expect(answer).toMatchObject({ status: 401, error: 'invalid_client' });
    },
  );

  test('refuses a request without a proof', async () => {
    const answer = await requestToken(auth.url, { ...grant, ...(await opsAssertion(auth.url, auth.opsKey)) });
    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  test('refuses a scope that the client is not registered for', async () => {
    const body = { ...grant, scope: 'payments:write', ...(await opsAssertion(auth.url, auth.opsKey)) };
    const answer = await requestToken(auth.url, body, await proofFor(await newSigningKey(), auth.url));
    expect(answer).toMatchObject({ status: 400, error: 'invalid_scope' });
  });

  test('accepts each assertion once, even in concurrent requests', async () => {
    const body = { ...grant, ...(await opsAssertion(auth.url, auth.opsKey)) };
    const key = await newSigningKey();
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => requestToken(auth.url, body, await proofFor(key, auth.url))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('accepts each proof once', async () => {
    const proof = await proofFor(await newSigningKey(), auth.url);
    const first = { ...grant, ...(await opsAssertion(auth.url, auth.opsKey)) };
    const second = { ...grant, ...(await opsAssertion(auth.url, auth.opsKey)) };
    expect((await requestToken(auth.url, first, proof)).status).toBe(200);
    expect((await requestToken(auth.url, second, proof)).status).toBe(400);
  });
});
