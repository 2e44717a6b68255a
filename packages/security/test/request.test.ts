import { beforeAll, describe, expect, test } from '@jest/globals';
import { API_AUDIENCE, type ErrorCode } from '@tallystick/contracts';
import fc from 'fast-check';
import { exportJWK, generateKeyPair } from 'jose';

import {
  ACCESS_TOKEN_TYPE,
  TOKEN_LIFETIME_MAX_S,
  contentDigest,
  makeProof,
  verifyAccessToken,
  verifyProof,
  type Keyring,
  type SigningKey,
} from '../src/index.ts';
import { hmacJws, rawJws } from './raw-jws.ts';
import { testPrivateJwk } from './test-keys.ts';
import { hourS, keyringOf, nowMs, nowS, signingKey, testRegistrar, snapshotEndS } from './trust.ts';

const issuer = 'https://auth.example';
const url = 'https://pay.example/v1/payments';
const accessToken = 'header.claims.signature';
const body = '{"amountMinor":1250}';

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

/** The public key of the wallet. */
function testPublicJwk(): object {
  const { d: _private, ...jwk } = testPrivateJwk('wallet', 'P-256') as Record<string, unknown>;
  return jwk;
}

/** Returns the error code of a promise that must fail. */
async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'none'> {
  return work.then(
    () => 'none' as const,
    (error: { code: ErrorCode }) => error.code,
  );
}

describe('a DPoP proof (RFC 9449)', () => {
  const request = { method: 'POST', url, accessToken, body, nowMs };
  const expected = () => ({
    method: 'POST',
    url,
    accessToken,
    body,
    keyThumbprint: wallet.kid,
    atMs: nowMs,
    ageMaxS: 60,
  });
  const verify = async (changes: object = {}, made: object = {}) =>
    verifyProof(await makeProof(wallet, { ...request, ...made }), { ...expected(), ...changes });

  test('verifies for its request', async () => {
    expect(await verify()).toMatchObject({
      keyThumbprint: wallet.kid,
      issuedAtS: nowS,
      method: 'POST',
      url,
      jti: expect.any(String),
    });
  });

  test.each([
    ['another method (htm)', { method: 'DELETE' }],
    ['another path (htu)', { url: `${url}/pay_1/refunds` }],
    ['another host (htu)', { url: 'https://evil.example/v1/payments' }],
    ['another scheme (htu)', { url: 'http://pay.example/v1/payments' }],
    ['another access token (ath)', { accessToken: 'another.access.token' }],
    ['a token that is bound to another key (jkt)', { keyThumbprint: 'x'.repeat(43) }],
    ['a time past its maximum age', { atMs: nowMs + 61_000 }],
    ['a time before its creation', { atMs: nowMs - 31_000 }],
  ])('is refused for %s', async (_name, changes) => {
    expect(await codeOf(verify(changes))).toBe('dpop.invalid');
  });

  test('is refused for another body, even if it differs by one byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (other) => {
        fc.pre(other !== body);
        expect(await codeOf(verify({ body: other }))).toBe('dpop.digest_mismatch');
      }),
      { numRuns: 30 },
    );
  });

  test('does not cover a body without a digest', async () => {
    expect(await codeOf(verify({}, { body: undefined }))).toBe('dpop.digest_mismatch');
    expect(await codeOf(verify({ body: undefined }, { body: undefined }))).toBe('none');
  });

  test('is refused without ath', async () => {
    expect(await codeOf(verify({}, { accessToken: undefined }))).toBe('dpop.invalid');
  });

  test('matches its URL without query and fragment, with a case-insensitive host (§4.3)', async () => {
    expect(await codeOf(verify({ url: `${url}?limit=1#top` }))).toBe('none');
    expect(await codeOf(verify({}, { url: 'https://PAY.example:443/v1/payments' }))).toBe('none');
  });

  test('can be verified repeatedly: the caller remembers its jti', async () => {
    const proof = await makeProof(wallet, request);
    const first = await verifyProof(proof, expected());
    expect(await verifyProof(proof, expected())).toEqual(first);
  });

  describe('is refused with', () => {
    const claims = { jti: 'p1', htm: 'POST', htu: url, iat: nowS, ath: 'set below' };
    const proofWith = async (header: object, signer = wallet, changes: object = {}) => {
      const ath = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(accessToken))).toString(
        'base64url',
      );
      const payload = { ...claims, ath, content_digest: contentDigest(body), ...changes };
      return rawJws({ typ: 'dpop+jwt', alg: wallet.alg, jwk: wallet.publicJwk, ...header }, payload, signer);
    };
    const refusal = async (proof: string): Promise<string> => codeOf(verifyProof(proof, expected()));

    test('no defect: it is accepted', async () => {
      expect(await refusal(await proofWith({}))).toBe('none');
    });

    test.each([
      ['a private key in its header', { jwk: testPrivateJwk('wallet', 'P-256') }],
      ['a symmetric key', { jwk: { kty: 'oct', k: 'c2VjcmV0' }, alg: 'HS256' }],
      ['alg none', { alg: 'none' }],
      ['another typ', { typ: 'JWT' }],
      ['critical parameters', { crit: ['exp'] }],
      ['no key', { jwk: undefined }],
      ['an algorithm that is not the key’s', { alg: 'EdDSA' }],
      ['a reference to another key by URL (RFC 7515 §4.1.2)', { jku: 'https://evil.example/jwks' }],
      ['a reference to another key by id (RFC 7515 §4.1.4)', { kid: 'another' }],
      ['a key for encryption (RFC 7517 §4.2)', { jwk: { ...testPublicJwk(), use: 'enc' } }],
      ['a key that may not verify (RFC 7517 §4.3)', { jwk: { ...testPublicJwk(), key_ops: ['encrypt'] } }],
    ])('%s', async (_name, header) => {
      expect(await refusal(await proofWith(header))).toBe('dpop.invalid');
    });

    test.each([
      ['an exp that has passed (RFC 7519 §4.1.4)', { exp: nowS }],
      ['an exp that is no later than its iat', { iat: nowS + 20, exp: nowS + 20 }],
      ['an nbf that is to come (RFC 7519 §4.1.5)', { nbf: nowS + 31 }],
      ['an exp that is no number', { exp: 'never' }],
      ['user information in htu', { htu: url.replace('pay.example', 'me:secret@pay.example') }],
    ])('%s', async (_name, changes) => {
      expect(await refusal(await proofWith({}, wallet, changes))).toBe('dpop.invalid');
    });

    test.each([
      ['an exp and an nbf that include now', {}, { exp: nowS + 1, nbf: nowS }],
      ['times that have a fraction (RFC 7519 §2)', {}, { iat: nowS - 0.5, exp: nowS + 0.5 }],
      ['an unknown header parameter without crit (RFC 7515 §4)', { hint: { any: 1 } }, {}],
      [
        'a key as WebCrypto exports it (RFC 7517 §4)',
        { jwk: { ...testPublicJwk(), ext: true, key_ops: ['verify'], alg: 'ES256', use: 'sig', label: 'a' } },
        {},
      ],
      ['a kid of the client’s own choice', { jwk: { ...testPublicJwk(), kid: 'k'.repeat(100) } }, {}],
    ])('no defect: it is accepted with %s', async (_name, header, changes) => {
      const proof = await proofWith(header, wallet, changes);
      expect(await verifyProof(proof, expected())).toMatchObject({ keyThumbprint: wallet.kid });
    });

    test('its exp passed, except if it was accepted before: evidence is verified later', async () => {
      const proof = await proofWith({}, wallet, { exp: nowS + 10 });
      const later = { ...expected(), atMs: nowMs + 20_000 };
      expect(await codeOf(verifyProof(proof, later))).toBe('dpop.invalid');
      expect(await codeOf(verifyProof(proof, { ...later, isAcceptedBefore: true }))).toBe('none');
    });

    test('a signature by another key than the one in its header', async () => {
      const stranger = await signingKey('stranger', 'P-256');
      expect(await refusal(await proofWith({}, stranger))).toBe('dpop.invalid');
    });

    test('its own key if the token is bound to another', async () => {
      const stranger = await signingKey('stranger', 'P-256');
      expect(await refusal(await proofWith({ jwk: stranger.publicJwk }, stranger))).toBe('dpop.invalid');
    });

    test('more characters than a proof needs', async () => {
      expect(await refusal('A'.repeat(5_000))).toBe('dpop.invalid');
    });

    test('an RSA key', async () => {
      const { publicKey } = await generateKeyPair('RS256', { extractable: true });
      const header = { jwk: await exportJWK(publicKey), alg: 'RS256' };
      expect(await refusal(await proofWith(header))).toBe('dpop.invalid');
    });
  });
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
