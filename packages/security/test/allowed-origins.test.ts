import { describe, expect, test } from '@jest/globals';
import { signCertificate, signSnapshot } from '../src/index.ts';
import { certificateOf, hourS, keyringOf, nowS, signingKey, snapshotEndS, testRegistrar } from './trust.ts';

const ORIGIN = 'https://wallet.example';

describe('an origin that a client registered', () => {
  test('is allowed while the registrar’s latest snapshot lists it', async () => {
    const registrar = await testRegistrar();
    const listed = await registrar.snapshot(1, [], { origins: [ORIGIN] });
    const { keyring } = await keyringOf(registrar, [registrar.certificate, listed]);
    expect(keyring.allowsOrigin(ORIGIN)).toBe(true);
    await keyring.take(await registrar.snapshot(2, [], { origins: [] }));
    expect(keyring.allowsOrigin(ORIGIN)).toBe(false);
    // A genuine snapshot that somebody writes to the topic again.
    await keyring.take(listed);
    expect(keyring.allowsOrigin(ORIGIN)).toBe(false);
  });

  test('is compared exactly', async () => {
    const registrar = await testRegistrar();
    const records = [registrar.certificate, await registrar.snapshot(1, [], { origins: [ORIGIN] })];
    const { keyring } = await keyringOf(registrar, records);
    for (const other of ['null', '*', '', `${ORIGIN}/`, `${ORIGIN}:443`, ORIGIN.toUpperCase()])
      expect(keyring.allowsOrigin(other)).toBe(false);
  });

  test('is allowed while auth is down, and not once the snapshot no longer counts', async () => {
    const registrar = await testRegistrar();
    const records = [registrar.certificate, await registrar.snapshot(1, [], { origins: [ORIGIN] })];
    const { keyring, clock } = await keyringOf(registrar, records);
    clock.nowS = snapshotEndS - 1;
    expect(keyring.allowsOrigin(ORIGIN)).toBe(true);
    clock.nowS = snapshotEndS;
    expect(keyring.allowsOrigin(ORIGIN)).toBe(false);
  });

  test('is not allowed if anybody but a registrar signed the list', async () => {
    const registrar = await testRegistrar();
    const claims = { version: 1, iat: nowS, exp: nowS + hourS, certificates: {}, origins: [ORIGIN] };
    const forged = await signSnapshot(claims, await signingKey('acme'));
    const { keyring, alarms } = await keyringOf(registrar, [registrar.certificate, forged]);
    expect(keyring.allowsOrigin(ORIGIN)).toBe(false);
    expect(alarms).toMatchObject([{ kind: 'record_refused' }]);
  });

  test('is not allowed by a registrar that the root revoked', async () => {
    const registrar = await testRegistrar();
    const records = [registrar.certificate, await registrar.snapshot(1, [], { origins: [ORIGIN] })];
    const { keyring } = await keyringOf(registrar, records);
    const changes = { sub: 'auth', role: 'registrar', permissions: [], status: 'revoked' } as const;
    const revoked = certificateOf(registrar.key.publicJwk, {
      ...changes,
      permissions: [],
      revoked_since: nowS,
    });
    await keyring.take(await signCertificate(revoked, registrar.root));
    expect(keyring.allowsOrigin(ORIGIN)).toBe(false);
  });

  test('is absent from the snapshots of the previous release', async () => {
    const registrar = await testRegistrar();
    const { keyring } = await keyringOf(registrar, [registrar.certificate, await registrar.snapshot(1, [])]);
    expect([keyring.version, keyring.allowsOrigin(ORIGIN)]).toEqual([1, false]);
  });
});
