import { beforeAll, describe, expect, test } from '@jest/globals';
import { API_AUDIENCE, type ErrorCode } from '@tallystick/contracts';

import {
  ACCESS_TOKEN_TYPE,
  certificateDigest,
  verifyAccessToken,
  type Keyring,
  type SigningKey,
} from '../src/index.ts';
import { rawJws } from './raw-jws.ts';
import { hourS, keyringOf, nowMs, nowS, signingKey, testRegistrar } from './trust.ts';

const issuer = 'https://auth.example';
const permissions = [{ topic: API_AUDIENCE, types: [ACCESS_TOKEN_TYPE] }];

let registrar: Awaited<ReturnType<typeof testRegistrar>>;
let tokenKey: SigningKey;
beforeAll(async () => {
  registrar = await testRegistrar();
  tokenKey = await signingKey('token');
});

const certify = (changes: object = {}): Promise<string> =>
  registrar.certify(tokenKey.publicJwk, { sub: 'auth', permissions, ...changes });

/** Creates a keyring that trusts the token key and has verified one of its tokens. */
async function afterAToken(): Promise<{ keyring: Keyring; outcome: (atMs?: number) => Promise<string> }> {
  const certificate = await certify();
  const { keyring } = await keyringOf(registrar, [
    registrar.certificate,
    certificate,
    await registrar.snapshot(1, [certificate]),
  ]);
  const claims = {
    iss: issuer,
    sub: 'usr_1',
    aud: API_AUDIENCE,
    client_id: 'wallet',
    iat: nowS - 10,
    exp: nowS + 590,
    jti: 't1',
  };
  const token = await rawJws({ alg: tokenKey.alg, typ: 'at+jwt', kid: tokenKey.kid }, claims, tokenKey);
  const outcome = (atMs = nowMs): Promise<string> =>
    verifyAccessToken(token, { keyring, issuer, atMs }).then(
      () => 'verified',
      (error: { code: ErrorCode }) => error.code,
    );
  expect(await outcome()).toBe('verified');
  return { keyring, outcome };
}

describe('an access token that was verified before', () => {
  test('verifies again', async () => {
    const { outcome } = await afterAToken();
    expect(await outcome()).toBe('verified');
  });

  test('is refused from the second of its expiry', async () => {
    const { outcome } = await afterAToken();
    expect(await outcome(nowMs + 589_000)).toBe('verified');
    expect(await outcome(nowMs + 590_000)).toBe('token.expired');
  });

  test('is refused once its key is revoked', async () => {
    const { keyring, outcome } = await afterAToken();
    const revoked = await certify({ status: 'revoked', revoked_since: nowS });
    await keyring.take(revoked);
    await keyring.take(await registrar.snapshot(2, [revoked]));
    expect(await outcome()).toBe('token.invalid');
  });

  test('is refused once no snapshot lists its key', async () => {
    const { keyring, outcome } = await afterAToken();
    await keyring.take(await registrar.snapshot(2, []));
    expect(keyring.find(tokenKey.kid)).toBeUndefined();
    expect(await outcome()).toBe('token.invalid');
  });

  test('is refused once its key may no longer sign tokens', async () => {
    const { keyring, outcome } = await afterAToken();
    const other = await certify({ permissions: [] });
    await keyring.take(other);
    await keyring.take(await registrar.snapshot(2, [other]));
    expect(certificateDigest(other)).not.toBe(certificateDigest(await certify()));
    expect(await outcome()).toBe('token.invalid');
  });

  test('is refused once the validity of its key excludes its time of issue', async () => {
    const { keyring, outcome } = await afterAToken();
    const later = await certify({ nbf: nowS, exp: nowS + hourS });
    await keyring.take(later);
    await keyring.take(await registrar.snapshot(2, [later]));
    expect(await outcome()).toBe('token.invalid');
  });

  test('is checked against the expected issuer each time', async () => {
    const { keyring } = await afterAToken();
    const claims = { iss: issuer, sub: 'usr_1', aud: API_AUDIENCE, client_id: 'w', iat: nowS, jti: 't2' };
    const header = { alg: tokenKey.alg, typ: 'at+jwt', kid: tokenKey.kid };
    const token = await rawJws(header, { ...claims, exp: nowS + 60 }, tokenKey);
    const by = (other: string) => verifyAccessToken(token, { keyring, issuer: other, atMs: nowMs });
    expect(await by(issuer)).toMatchObject({ subject: 'usr_1' });
    await expect(by('https://evil.example')).rejects.toMatchObject({ code: 'token.invalid' });
  });

  test('does not vouch for the same token with another signature', async () => {
    const { keyring } = await afterAToken();
    const claims = { iss: issuer, sub: 'usr_1', aud: API_AUDIENCE, client_id: 'w', iat: nowS, jti: 't3' };
    const header = { alg: tokenKey.alg, typ: 'at+jwt', kid: tokenKey.kid };
    const token = await rawJws(header, { ...claims, exp: nowS + 60 }, tokenKey);
    const verify = (text: string) => verifyAccessToken(text, { keyring, issuer, atMs: nowMs });
    expect(await verify(token)).toMatchObject({ jti: 't3' });
    const forged = `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    await expect(verify(forged)).rejects.toMatchObject({ code: 'token.invalid' });
  });
});
