import { randomUUID } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { makeProof } from '@tallystick/security';
import { newKey, publicUrl } from './edge-world.ts';
import {
  world,
  call,
  port,
  transfer,
  transferPost,
  timesRan,
  timesMoved,
  accountPath,
  proofOf,
} from './transfer-edge.ts';

describe('the authentication of a caller', () => {
  test('succeeds with a token and its proof', async () => {
    const { status, body } = await call({ method: 'GET', path: accountPath() });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ownerId: 'usr_1', postedMinor: 0 });
  });

  test('allows reads but no money movements with a plain bearer token', async () => {
    const token = world.token({ cnf: undefined });
    expect(await call({ method: 'GET', path: accountPath(), token, proof: null })).toMatchObject({
      status: 200,
    });
    const asked = transfer({ token, proof: null });
    expect(await call(asked)).toMatchObject({ status: 401, body: { code: 'dpop.missing' } });
    expect(timesRan(asked)).toBe(0);
  });

  test.each([
    ['no token', { token: '', proof: null }, 'token.missing'],
    ['a token that is noise', { token: 'noise' }, 'token.invalid'],
    ['another scheme', { headers: { authorization: 'Basic YTpi' } }, 'token.invalid'],
    ['a bound token as a bearer token', { proof: null }, 'dpop.missing'],
  ])('refuses %s', async (_name, changes, code) => {
    const answer = await call({ method: 'GET', path: accountPath(), ...changes });
    expect(answer).toMatchObject({ status: 401, body: { code } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP/);
  });

  test('refuses a token that has expired, is from another issuer or lacks the scope', async () => {
    const read = (token: string) => call({ method: 'GET', path: accountPath(), token });
    expect(await read(world.token({ exp: 1_700_000_000 }))).toMatchObject({
      status: 401,
      body: { code: 'token.expired' },
    });
    expect(await read(world.token({ iss: 'https://evil.example' }))).toMatchObject({
      body: { code: 'token.invalid' },
    });
    expect(await read(world.token({ scope: 'payments:write' }))).toMatchObject({
      status: 403,
      body: { code: 'token.scope_insufficient' },
    });
  });
});

describe('a DPoP proof', () => {
  test.each([
    ['another method', { method: 'DELETE' }],
    ['another URL', { url: `${publicUrl}/v1/mandates` }],
    ['another token', { accessToken: 'another.access.token' }],
    ['a time long past', { nowMs: Date.now() - 120_000 }],
  ])('is refused for %s', async (_name, proof) => {
    const asked = transfer({ proof });
    expect(await call(asked)).toMatchObject({ status: 401, body: { code: 'dpop.invalid' } });
    expect(timesRan(asked)).toBe(0);
  });

  test.each([
    ['a query and a fragment', `${publicUrl}${transferPost.path}?a=1#top`],
    ['an upper-case scheme and host', `${publicUrl.toUpperCase()}:443${transferPost.path}`],
    ['dot segments', `${publicUrl}/v9/..${transferPost.path}`],
    ['encoded unreserved characters', `${publicUrl}${transferPost.path.replace('t', '%74')}`],
  ])('moves money with an htu that has %s (RFC 9449 §4.3)', async (_name, url) => {
    const asked = transfer({ proof: { url } });
    // The handler verifies the request as evidence.
    expect(await call(asked)).toMatchObject({ status: 201 });
    expect(await timesMoved(asked)).toBe(1);
  });

  test('is refused at the door if the token was not valid when it was signed, as evidence is', async () => {
    const nowS = Math.floor(Date.now() / 1_000);
    const early = transfer({ token: world.token({ iat: nowS }), proof: { nowMs: (nowS - 45) * 1_000 } });
    expect(await call(early)).toMatchObject({ status: 401, body: { code: 'token.invalid' } });
    const late = transfer({ token: world.token({ exp: nowS + 15 }), proof: { nowMs: (nowS + 20) * 1_000 } });
    expect(await call(late)).toMatchObject({ status: 401, body: { code: 'token.expired' } });
    expect(timesRan(early) + timesRan(late)).toBe(0);
  });

  test.each([
    ['Authorization', 400, 'request.invalid'],
    ['DPoP', 401, 'dpop.invalid'],
  ])('two headers %s are refused (RFC 6750 §3.1, RFC 9449 §4.3)', async (name, status, code) => {
    const accessToken = world.token();
    const url = publicUrl + accountPath();
    const proof = await makeProof(world.wallet, { method: 'GET', url, accessToken, nowMs: Date.now() });
    const headers = { authorization: [`DPoP ${accessToken}`], dpop: [proof] };
    const twice = headers[name.toLowerCase() as keyof typeof headers];
    twice.push(twice[0]!);
    const path = new URL(url).pathname;
    const sent = ['Host', 'api.example'];
    for (const [header, values] of Object.entries(headers))
      for (const value of values) sent.push(header, value);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port, path, headers: sent }, resolve).on('error', reject).end();
    });
    expect([response.statusCode, await json(response)]).toEqual([status, expect.objectContaining({ code })]);
  });

  test('may stand behind more than one space after the scheme (RFC 9110 §11.4)', async () => {
    const path = accountPath();
    const token = world.token();
    const answer = await call({ method: 'GET', path, token, headers: { authorization: `DPoP   ${token}` } });
    expect(answer.status).toBe(200);
  });

  test('covers the target of the request in absolute form too (RFC 9112)', async () => {
    const ask = async (target: string, url: string): Promise<[number | undefined, string | undefined]> => {
      const accessToken = world.token();
      const proof = await makeProof(world.wallet, { method: 'GET', url, accessToken, nowMs: Date.now() });
      const headers = { authorization: `DPoP ${accessToken}`, dpop: proof };
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        httpRequest({ host: '127.0.0.1', port, path: target, headers }, resolve).on('error', reject).end();
      });
      return [response.statusCode, ((await json(response)) as { code?: string }).code];
    };
    const url = publicUrl + accountPath();
    expect(await ask(url, url)).toEqual([200, undefined]);
    expect(await ask(url, `${publicUrl}/v1/accounts`)).toEqual([401, 'dpop.invalid']);
    const elsewhere = `https://evil.example${accountPath()}`;
    for (const proven of [elsewhere, url, publicUrl + elsewhere])
      expect(await ask(elsewhere, proven)).toEqual([400, 'request.invalid']);
  });

  test('is refused by a key that the token is not bound to', async () => {
    expect(await call(transfer({ proofKey: await newKey() }))).toMatchObject({
      body: { code: 'dpop.invalid' },
    });
  });

  test('is refused for another body, so that the body cannot be changed in transit', async () => {
    const asked = transfer({ proof: { body: '{}' } });
    expect(await call(asked)).toMatchObject({ status: 401, body: { code: 'dpop.digest_mismatch' } });
    expect(timesRan(asked)).toBe(0);
  });

  test('is accepted once', async () => {
    const asked = transfer();
    const token = world.token();
    const proof = await proofOf(asked, token);
    const withProof = () =>
      call({ ...asked, token, headers: { 'idempotency-key': randomUUID(), dpop: proof } });
    expect(await withProof()).toMatchObject({ status: 201 });
    expect(await withProof()).toMatchObject({ status: 401, body: { code: 'dpop.replayed' } });
    expect(await timesMoved(asked)).toBe(1);
  });

  test('is accepted once for a read too, also if many arrive at the same moment', async () => {
    const path = accountPath();
    const token = world.token();
    const nowMs = Date.now();
    const url = publicUrl + path;
    const proof = await makeProof(world.wallet, { method: 'GET', url, accessToken: token, nowMs });
    const statuses = await Promise.all(
      Array.from(
        { length: 20 },
        async () => (await call({ method: 'GET', path, token, headers: { dpop: proof } })).status,
      ),
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 19 }, () => 401)]);
  });
});
