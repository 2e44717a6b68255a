import type { CertificateClaims } from '@tallystick/contracts';
import { beforeEach, describe, expect, test } from '@jest/globals';

import { signCertificate, signSnapshot, certificateDigest, type SigningKey } from '../src/index.ts';
import {
  certificateOf,
  dayS,
  hourS,
  keyringOf,
  nowS,
  signingKey,
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

describe('a snapshot of a registrar that the root has revoked', () => {
  test('is not binding: the next registrar continues below its version', async () => {
    const next = await signingKey('next registrar');
    const asRegistrar: Partial<CertificateClaims> = { sub: 'auth', role: 'registrar', permissions: [] };
    const certified = (jwk: SigningKey['publicJwk'], changes: Partial<CertificateClaims> = {}) =>
      signCertificate(certificateOf(jwk, { ...asRegistrar, ...changes }), registrar.root);
    const byNext = await signCertificate(certificateOf(acme.publicJwk), next);
    const snapshotByNext = await signSnapshot(
      {
        version: 2,
        iat: nowS,
        exp: nowS + hourS,
        certificates: { [acme.kid]: certificateDigest(byNext) },
      },
      next,
    );
    const { keyring, alarms } = await keyringOf(registrar, [
      registrar.certificate,
      await registrar.snapshot(Number.MAX_SAFE_INTEGER, []),
      await certified(next.publicJwk),
      byNext,
      snapshotByNext,
    ]);
    expect(alarms.map(({ kind }) => kind)).toEqual(['snapshot_rollback']);
    await keyring.take(await certified(registrar.key.publicJwk, { status: 'revoked', revoked_since: nowS }));
    await keyring.take(snapshotByNext);
    expect(keyring.find(acme.kid)?.producerId).toBe('acme');
    expect(keyring.freshness).toBe('fresh');
  });

  test('no longer counts, and its keys are dropped at once', async () => {
    const { keyring, alarms } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, [certificate]),
    ]);
    const revoked = { sub: 'auth', role: 'registrar', permissions: [], status: 'revoked' } as const;
    await keyring.take(
      await signCertificate(
        certificateOf(registrar.key.publicJwk, { ...revoked, permissions: [], revoked_since: nowS }),
        registrar.root,
      ),
    );
    expect(keyring.find(acme.kid)).toBeUndefined();
    expect(keyring.freshness).toBe('ended');
    expect(alarms.map(({ kind }) => kind)).toEqual(['registrar_revoked']);
  });
});

describe('a refused record raises an alarm and makes no key trusted', () => {
  /** Processes the record between a valid certificate and the snapshot that lists `listed`. */
  async function afterTaking(record: string, listed: string[]) {
    const { keyring, alarms } = await keyringOf(registrar, [registrar.certificate, record]);
    const refused = alarms.map(({ kind }) => kind);
    await keyring.take(await registrar.snapshot(1, listed));
    return { keyring, refused };
  }

  test('when it is noise', async () => {
    const { refused } = await afterTaking('noise', []);
    expect(refused).toEqual(['record_refused']);
  });

  test('when an unknown key signed it', async () => {
    const stranger = await signingKey('stranger');
    const forged = await signCertificate(certificateOf(acme.publicJwk), stranger);
    const { keyring, refused } = await afterTaking(forged, [forged]);
    expect(refused).toEqual(['record_refused']);
    expect(keyring.find(acme.kid)).toBeUndefined();
  });

  test('when one bit of it was changed', async () => {
    const parts = certificate.split('.');
    const claims = Buffer.from(parts[1] ?? '', 'base64url')
      .toString()
      .replace('"active"', '"retired"');
    const changed = [parts[0], Buffer.from(claims).toString('base64url'), parts[2]].join('.');
    const { keyring, refused } = await afterTaking(changed, [changed]);
    expect(refused).toEqual(['record_refused']);
    expect(keyring.find(acme.kid)).toBeUndefined();
  });

  test('when a producer certifies a key', async () => {
    const other = await signingKey('other');
    const byProducer = await signCertificate(certificateOf(other.publicJwk), acme);
    const { keyring } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, [certificate]),
      byProducer,
      await registrar.snapshot(2, [certificate, byProducer]),
    ]);
    expect(keyring.find(other.kid)).toBeUndefined();
  });

  test('when another root certified the registrar', async () => {
    const foreign = await testRegistrar(' foreign');
    const theirs = await foreign.certify(acme.publicJwk);
    const { keyring, alarms } = await keyringOf(registrar, [
      foreign.certificate,
      theirs,
      await foreign.snapshot(1, [theirs]),
    ]);
    expect(alarms.map(({ kind }) => kind)).toEqual(['record_refused', 'record_refused', 'record_refused']);
    expect(keyring.find(acme.kid)).toBeUndefined();
    expect(keyring.version).toBe(0);
  });

  test('when a registrar certifies a registrar', async () => {
    const second = await signingKey('second registrar');
    const claims = certificateOf(second.publicJwk, { sub: 'auth', role: 'registrar', permissions: [] });
    const { keyring, refused } = await afterTaking(await signCertificate(claims, registrar.key), []);
    expect(refused).toEqual(['record_refused']);
    const bySecond = await signCertificate(certificateOf(acme.publicJwk), second);
    await keyring.take(bySecond);
    await keyring.take(await registrar.snapshot(2, [bySecond]));
    expect(keyring.find(acme.kid)).toBeUndefined();
  });

  test('when the root certifies a producer', async () => {
    const byRoot = await signCertificate(certificateOf(acme.publicJwk), registrar.root);
    const { keyring, refused } = await afterTaking(byRoot, [byRoot]);
    expect(refused).toEqual(['record_refused']);
    expect(keyring.find(acme.kid)).toBeUndefined();
  });

  test('when the certificate of its registrar has expired', async () => {
    const { keyring, alarms, clock } = await keyringOf(registrar, [registrar.certificate, certificate]);
    clock.nowS = nowS + 31 * dayS;
    await keyring.take(await registrar.snapshot(1, [certificate], { exp: clock.nowS + hourS }));
    expect(alarms.map(({ kind }) => kind)).toEqual(['record_refused']);
    expect(keyring.find(acme.kid)).toBeUndefined();
  });

  test('when a snapshot lists a certificate that is absent from the topic', async () => {
    const { keyring, alarms } = await keyringOf(registrar, [
      registrar.certificate,
      await registrar.snapshot(1, [certificate]),
    ]);
    expect(alarms).toEqual([{ kind: 'certificate_missing', detail: acme.kid }]);
    expect(keyring.find(acme.kid)).toBeUndefined();
  });

  test('when a certificate is not listed', async () => {
    const { keyring } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, []),
    ]);
    expect(keyring.find(acme.kid)).toBeUndefined();
  });
});

describe('a writer of the topic cannot restore an earlier state', () => {
  const revokedClaims: Partial<CertificateClaims> = { status: 'revoked', revoked_since: nowS - hourS };

  test('with an older snapshot', async () => {
    const before = await registrar.snapshot(1, [certificate]);
    const { keyring, alarms } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      before,
      await registrar.snapshot(2, []),
      before,
    ]);
    expect(alarms.map(({ kind }) => kind)).toEqual(['snapshot_rollback']);
    expect(keyring.version).toBe(2);
    expect(keyring.find(acme.kid)).toBeUndefined();
  });

  test('with a second snapshot of the same version', async () => {
    const { keyring, alarms } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(2, [certificate]),
      await registrar.snapshot(2, []),
    ]);
    expect(keyring.find(acme.kid)).toBeDefined();
    expect(alarms).toEqual([{ kind: 'snapshot_conflict', detail: 'version 2 has two contents' }]);
  });

  test.each([
    ['an older snapshot', 4, 'snapshot_rollback'],
    ['another snapshot of the same version', 5, 'snapshot_conflict'],
  ])('across a restart with %s', async (_name, version, kind) => {
    const before = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(5, []),
    ]);
    const after = await keyringOf(
      registrar,
      [registrar.certificate, certificate, await registrar.snapshot(version, [certificate])],
      before.keyring.accepted,
    );
    expect(after.alarms.map((alarm) => alarm.kind)).toEqual([kind]);
    expect(after.keyring.freshness).toBe('ended');
  });

  test('across a restart, but the current snapshot is accepted again', async () => {
    const records = [registrar.certificate, certificate, await registrar.snapshot(5, [certificate])];
    const before = await keyringOf(registrar, records);
    const after = await keyringOf(registrar, records, before.keyring.accepted);
    expect(after.alarms).toEqual([]);
    expect(after.keyring.find(acme.kid)).toBeDefined();
  });

  test('across a restart, and the snapshots before the current one are no attempt', async () => {
    const records = [
      registrar.certificate,
      certificate,
      await registrar.snapshot(4, []),
      await registrar.snapshot(5, [certificate]),
    ];
    const before = await keyringOf(registrar, records);
    const after = await keyringOf(registrar, records, before.keyring.accepted);
    expect(after.alarms).toEqual([]);
    expect(after.keyring.version).toBe(5);
  });

  test('with the certificate from before a revocation', async () => {
    const revoked = await registrar.certify(acme.publicJwk, revokedClaims);
    const { keyring } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, [certificate]),
      revoked,
      await registrar.snapshot(2, [revoked]),
      certificate,
    ]);
    expect(keyring.find(acme.kid)?.certificate.status).toBe('revoked');
    await keyring.take(await registrar.snapshot(3, [revoked]));
    expect(keyring.find(acme.kid)?.certificate.status).toBe('revoked');
  });

  test('with an expired snapshot', async () => {
    const { keyring, alarms } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, [certificate], { exp: nowS - 1 }),
    ]);
    expect(alarms.map(({ kind }) => kind)).toEqual(['snapshot_expired']);
    expect(keyring.find(acme.kid)).toBeUndefined();
  });

  test('with so many old certificates of a key that they displace the current one', async () => {
    const old = await Promise.all(
      Array.from({ length: 12 }, (_, day) => registrar.certify(acme.publicJwk, { exp: nowS + day * dayS })),
    );
    const { keyring } = await keyringOf(registrar, [
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, [certificate]),
      ...old,
      await registrar.snapshot(2, [certificate]),
    ]);
    expect(keyring.find(acme.kid)).toBeDefined();
  });

  test('with the certificate of a registrar from before the root revoked it', async () => {
    const revoked = await signCertificate(
      certificateOf(registrar.key.publicJwk, {
        ...revokedClaims,
        sub: 'auth',
        role: 'registrar',
        permissions: [],
      }),
      registrar.root,
    );
    const { keyring } = await keyringOf(registrar, [
      registrar.certificate,
      revoked,
      registrar.certificate,
      certificate,
      await registrar.snapshot(1, [certificate]),
    ]);
    expect(keyring.find(acme.kid)).toBeUndefined();
  });
});
