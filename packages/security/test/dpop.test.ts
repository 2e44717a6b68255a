import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exportJWK, generateKeyPair } from 'jose';

import { contentDigest, makeProof, verifyProof, type SigningKey } from '../src/index.ts';
import { codeOf } from './code-of.ts';
import { rawJws } from './raw-jws.ts';
import { testPrivateJwk } from './test-keys.ts';
import { nowMs, nowS, signingKey } from './trust.ts';

const url = 'https://pay.example/v1/payments';
const accessToken = 'header.claims.signature';
const body = '{"amountMinor":1250}';

let wallet: SigningKey;
beforeAll(async () => {
  wallet = await signingKey('wallet', 'P-256');
});

/** The public key of the wallet. */
function testPublicJwk(): object {
  const { d: _private, ...jwk } = testPrivateJwk('wallet', 'P-256') as Record<string, unknown>;
  return jwk;
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
