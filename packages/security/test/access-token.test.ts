import { beforeAll, describe, expect, test } from '@jest/globals';
import { API_AUDIENCE } from '@tallystick/contracts';

import {
  ACCESS_TOKEN_TYPE,
  TOKEN_LIFETIME_MAX_S,
  verifyAccessToken,
  type Keyring,
  type SigningKey,
} from '../src/index.ts';
import { codeOf } from './code-of.ts';
import { hmacJws, rawJws } from './raw-jws.ts';
import { hourS, keyringOf, nowMs, nowS, signingKey, testRegistrar, snapshotEndS } from './trust.ts';

const issuer = 'https://auth.example';

let wallet: SigningKey;
let tokenKey: SigningKey;
let endedTokenKey: SigningKey;
let otherKey: SigningKey;
let strangersTokenKey: SigningKey;
let keyring: Keyring;
beforeAll(async () => {
  wallet = await signingKey('wallet', 'P-256');
  tokenKey = await signingKey('token');
  endedTokenKey = await signingKey('ended token');
  otherKey = await signingKey('other');
  strangersTokenKey = await signingKey('token of a stranger');
  const registrar = await testRegistrar();
  const permissions = [{ topic: API_AUDIENCE, types: [ACCESS_TOKEN_TYPE] }];
  const certificates = await Promise.all([
    registrar.certify(tokenKey.publicJwk, { sub: 'auth', permissions }),
    registrar.certify(endedTokenKey.publicJwk, { sub: 'auth', permissions, exp: nowS - hourS }),
    registrar.certify(otherKey.publicJwk, { sub: 'acme' }),
    registrar.certify(strangersTokenKey.publicJwk, { sub: 'payment', permissions }),
  ]);
  ({ keyring } = await keyringOf(registrar, [
    registrar.certificate,
    ...certificates,
    await registrar.snapshot(1, certificates),
  ]));
});

describe('an access token (RFC 9068)', () => {
  const claims = {
    iss: issuer,
    sub: 'usr_1',
    aud: API_AUDIENCE,
    client_id: 'wallet',
    iat: nowS - 10,
    exp: nowS + 590,
    jti: 't1',
    scope: 'accounts:read payments:write',
  };
  const header = () => ({ alg: tokenKey.alg, typ: 'at+jwt', kid: tokenKey.kid });
  const verify = (token: string) => verifyAccessToken(token, { keyring, issuer, atMs: nowMs });
  const verifyWith = async (changes: object, head: object = {}, key = tokenKey) =>
    verify(await rawJws({ ...header(), ...head }, { ...claims, ...changes }, key));

  test('contains its subject and its scopes', async () => {
    const jkt = wallet.kid;
    expect(await verifyWith({ cnf: { jkt }, aud: [API_AUDIENCE, 'urn:other'] })).toEqual({
      subject: 'usr_1',
      clientId: 'wallet',
      scopes: new Set(['accounts:read', 'payments:write']),
      keyThumbprint: jkt,
      issuedAtS: claims.iat,
      expiresAtS: claims.exp,
      jti: 't1',
    });
    expect((await verifyWith({})).keyThumbprint).toBeUndefined();
  });

  test.each([
    ['another server', { iss: 'https://evil.example' }, 'token.invalid'],
    ['another audience', { aud: 'urn:other' }, 'token.invalid'],
    ['the future', { iat: nowS + 31 }, 'token.invalid'],
    ['the past', { exp: nowS }, 'token.expired'],
    ['nobody', { sub: undefined }, 'token.invalid'],
    ['no client', { client_id: undefined }, 'token.invalid'],
    ['for ever', { exp: undefined }, 'token.invalid'],
    ['for longer than 15 minutes', { exp: nowS - 10 + TOKEN_LIFETIME_MAX_S + 1 }, 'token.invalid'],
  ])('is refused from %s', async (_name, changes, code) => {
    expect(await codeOf(verifyWith(changes))).toBe(code);
  });

  test.each([
    ['an ID token', { typ: 'JWT' }],
    ['alg none', { alg: 'none' }],
    ['an unknown key', { kid: 'x'.repeat(43) }],
    ['an algorithm that is not the key’s', { alg: 'ES256' }],
  ])('is refused with %s in its header', async (_name, head) => {
    expect(await codeOf(verifyWith({}, head))).toBe('token.invalid');
  });

  test('is refused without a fresh snapshot of keys', async () => {
    const registrar = await testRegistrar();
    const permissions = [{ topic: API_AUDIENCE, types: [ACCESS_TOKEN_TYPE] }];
    const certificate = await registrar.certify(tokenKey.publicJwk, { sub: 'auth', permissions });
    const old = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, [certificate]),
    ]);
    const token = await rawJws(header(), claims, tokenKey);
    const verifyByOld = () => verifyAccessToken(token, { keyring: old.keyring, issuer, atMs: nowMs });
    old.clock.nowS = snapshotEndS - 1;
    expect((await verifyByOld()).subject).toBe('usr_1');
    old.clock.nowS += 1;
    expect(await codeOf(verifyByOld())).toBe('service.unavailable');
  });

  test('is refused by a key that may sign messages only', async () => {
    expect(await codeOf(verifyWith({}, { kid: otherKey.kid }, otherKey))).toBe('token.invalid');
  });

  test('is refused by a key of any producer except auth, even if its certificate permits tokens', async () => {
    const header = { kid: strangersTokenKey.kid };
    expect(await codeOf(verifyWith({}, header, strangersTokenKey))).toBe('token.invalid');
  });

  test('is refused by a key that had expired when it was issued', async () => {
    expect(await codeOf(verifyWith({}, { kid: endedTokenKey.kid }, endedTokenKey))).toBe('token.invalid');
  });

  test('is refused with an HMAC whose secret is the public key', async () => {
    const forged = hmacJws({ ...header(), alg: 'HS256' }, claims, JSON.stringify(tokenKey.publicJwk));
    expect(await codeOf(verify(forged))).toBe('token.invalid');
  });

  test.each(['', 'opaque', 'a.b', 'a.b.c', '..', 'é.é.é'])(
    'is refused if it is not a JWT: %j',
    async (token) => {
      expect(await codeOf(verify(token))).toBe('token.invalid');
    },
  );
});
