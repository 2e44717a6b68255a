import type { CertificateClaims } from '@tallystick/contracts';
import { beforeEach, describe, expect, test } from '@jest/globals';

import { Keyring, signCertificate, signSnapshot, certificateDigest, type SigningKey } from '../src/index.ts';
import {
  certificateOf,
  dayS,
  decryptionKey,
  hourS,
  keyringOf,
  nowS,
  signingKey,
  snapshotEndS,
  testRegistrar,
  type Registrar,
} from './trust.ts';

let registrar: Registrar;
let acme: SigningKey;
let certificate: string;
beforeEach(async () => {
  registrar = await testRegistrar();
  acme = await signingKey('acme');
  certificate = await registrar.certify(acme.publicJwk);
});

describe('a trusted key', () => {
  test('is certified by a registrar that the root certified, and listed in a snapshot', async () => {
    const { keyring, alarms } = await keyringOf(registrar, [registrar.certificate, certificate]);
    expect(keyring.find(acme.kid)).toBeUndefined();
    await keyring.take(await registrar.snapshot(1, [certificate]));
    expect(keyring.find(acme.kid)).toMatchObject({
      kid: acme.kid,
      producerId: 'acme',
      certificate: { status: 'active' },
    });
    expect(keyring.version).toBe(1);
    expect(alarms).toEqual([]);
  });

  test('is no longer trusted when a later snapshot omits it', async () => {
    const { keyring } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, [certificate]),
      await registrar.snapshot(2, []),
    ]);
    expect(keyring.find(acme.kid)).toBeUndefined();
  });

  test('has the claims of its latest listed certificate', async () => {
    const narrowed = await registrar.certify(acme.publicJwk, { permissions: [] });
    const { keyring } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, [certificate]),
      narrowed,
    ]);
    expect(keyring.find(acme.kid)?.certificate.permissions).not.toEqual([]);
    await keyring.take(await registrar.snapshot(2, [narrowed]));
    expect(keyring.find(acme.kid)?.certificate.permissions).toEqual([]);
  });
});

describe('an expired snapshot', () => {
  test('makes the keyring stale: known keys stay, and no new one is accepted', async () => {
    const { keyring, clock } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, [certificate]),
    ]);
    expect(keyring.freshness).toBe('fresh');
    clock.nowS = nowS + hourS;
    expect(keyring.freshness).toBe('stale');
    expect(keyring.find(acme.kid)).toBeDefined();
    const late = await signingKey('late');
    const lateCertificate = await registrar.certify(late.publicJwk);
    await keyring.take(lateCertificate);
    expect(keyring.find(late.kid)).toBeUndefined();
    await keyring.take(
      await registrar.snapshot(2, [certificate, lateCertificate], { exp: clock.nowS + hourS }),
    );
    expect(keyring.freshness).toBe('fresh');
    expect(keyring.find(late.kid)).toBeDefined();
  });

  test('counts for three of its lifetimes at most', async () => {
    const { keyring, clock } = await keyringOf(registrar, [
      registrar.certificate,
      await registrar.snapshot(1, []),
    ]);
    clock.nowS = snapshotEndS - 1;
    expect(keyring.freshness).toBe('stale');
    clock.nowS += 1;
    expect(keyring.freshness).toBe('ended');
  });

  test('is like none after that: without a snapshot nothing counts', async () => {
    const { keyring } = await keyringOf(registrar, []);
    expect(keyring.freshness).toBe('ended');
    expect(keyring.version).toBe(0);
  });
});

describe('waiting for a key', () => {
  test('ends when the key becomes known', async () => {
    const { keyring } = await keyringOf(registrar, [registrar.certificate, certificate]);
    const waited = keyring.waitFor(acme.kid, 60_000);
    await keyring.take(await registrar.snapshot(1, [certificate]));
    expect(await waited).toBe(true);
    expect(await keyring.waitFor(acme.kid, 0)).toBe(true);
  });

  test('ends after the timeout if the key does not arrive', async () => {
    const { keyring } = await keyringOf(registrar, []);
    expect(await keyring.waitFor(acme.kid, 5)).toBe(false);
  });
});

describe('the encryption key of a service', () => {
  test('is the newest usable one', async () => {
    const [older, newer, later, gone] = await Promise.all(['a', 'b', 'c', 'd'].map(decryptionKey));
    const encryption = { sub: 'card', use: 'enc', permissions: [] } satisfies Partial<CertificateClaims>;
    const certificates = await Promise.all([
      registrar.certify(older!.publicJwk, { ...encryption, nbf: nowS - 5 * dayS }),
      registrar.certify(newer!.publicJwk, { ...encryption, nbf: nowS - dayS }),
      registrar.certify(later!.publicJwk, { ...encryption, nbf: nowS + dayS }),
      registrar.certify(gone!.publicJwk, { ...encryption, nbf: nowS - hourS, status: 'revoked' }),
      registrar.certify(acme.publicJwk, { sub: 'card' }),
    ]);
    const { keyring } = await keyringOf(registrar, [
      registrar.certificate,
      ...certificates,
      await registrar.snapshot(1, certificates),
    ]);
    expect(keyring.encryptionKeyOf('card')?.kid).toBe(newer!.kid);
    expect(keyring.encryptionKeyOf('payment')).toBeUndefined();
  });
});

describe('a signed key record', () => {
  test('is validated by its signer', async () => {
    const wrong = { ...certificateOf(acme.publicJwk), exp: 1.5 };
    expect(() => signCertificate(wrong, registrar.key)).toThrow();
    const digests = { [acme.kid]: certificateDigest(certificate) };
    expect(() =>
      signSnapshot({ version: 0, iat: nowS, exp: nowS, certificates: digests }, registrar.key),
    ).toThrow();
  });

  test('is ignored if its root is not pinned', async () => {
    const keyring = await Keyring.create({ trustAnchors: [acme.publicJwk], now: () => nowS * 1000 });
    await keyring.take(registrar.certificate);
    await keyring.take(certificate);
    await keyring.take(await registrar.snapshot(1, [certificate]));
    expect(keyring.find(acme.kid)).toBeUndefined();
  });
});
