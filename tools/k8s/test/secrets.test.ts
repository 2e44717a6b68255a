import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { powers } from '@tallystick/contracts';
import {
  importSigningKey,
  Keyring,
  loadKeyEncryptionKeys,
  loadPrivateJwk,
  loadTrustAnchors,
} from '@tallystick/security';
import { certifyRegistrar, makePair, PROBE, readStackFile, revokeRegistrar } from '@tallystick/stack';
import { makeSecrets } from '../src/secrets/make-secrets.ts';
import { writeSecrets } from '../src/secrets/write-secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'tallystick-secrets-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const nowMs = Date.now();
const databaseHost = (service: string): string => `${service}-db`;
const files = await makeSecrets({ databaseHost, withDemo: true, withCertificates: true, nowMs });
const target = join(directory, 'secrets');
writeSecrets(target, files);

describe('the next registrar', () => {
  test('is certified by the root, while its predecessor is revoked', async () => {
    const [root, before, next] = await Promise.all([makePair(), makePair(), makePair()]);
    const alarms: string[] = [];
    const keyring = await Keyring.create({
      trustAnchors: [root.publicJwk],
      now: () => nowMs,
      onAlarm: ({ detail }) => alarms.push(detail),
    });
    await keyring.take(await certifyRegistrar(root, before, { nowMs, lifetimeS: 60 }));
    await keyring.take(await revokeRegistrar(root, before.publicJwk, { nowMs, lifetimeS: 60 }));
    await keyring.take(await certifyRegistrar(root, next, { nowMs, lifetimeS: 60 }));
    expect(alarms).toEqual([]);
    await keyring.take(await certifyRegistrar(root, before, { nowMs, lifetimeS: 60 }));
    expect(alarms).toEqual(["the registrar's key is revoked"]);
  });
});

describe('the secrets of a new installation', () => {
  test('are readable by the services', async () => {
    await importSigningKey(await loadPrivateJwk(join(target, 'payment/signing-key.jwk.json')));
    await loadPrivateJwk(join(target, 'card/encryption-key.jwk.json'));
    await loadKeyEncryptionKeys(join(target, 'card/key-encryption-keys.json'));
    expect(await loadTrustAnchors(join(target, 'card/trust-anchors.jwks.json'))).toHaveLength(1);
  });

  test('include a registrar that the root has certified', async () => {
    const alarms: unknown[] = [];
    const keyring = await Keyring.create({
      trustAnchors: await loadTrustAnchors(join(target, 'auth/trust-anchors.jwks.json')),
      now: () => nowMs,
      onAlarm: (alarm) => alarms.push(alarm),
    });
    await keyring.take(files['auth/registrar.certificate']!);
    expect(alarms).toEqual([]);
  });

  test('are inaccessible to others', () => {
    for (const name of Object.keys(files)) expect(statSync(join(target, name)).mode & 0o007).toBe(0);
  });

  test('are never overwritten', () => {
    expect(() => writeSecrets(target, files)).toThrow('already exists');
  });

  test('describe a test system, and its third parties and customers, to the tools', async () => {
    const stack = readStackFile(join(target, 'stack.json'));
    expect(stack.customers).toHaveLength(2);
    for (const { privateJwk, kid } of stack.producers)
      expect((await importSigningKey(await loadPrivateJwk(privateJwk))).kid).toBe(kid);
    const seed = JSON.parse(files['auth/seed.json']!) as { producers: { id: string }[] };
    expect(seed.producers.map(({ id }) => id)).toEqual(expect.arrayContaining(['acme', 'bystander']));
  });

  test('include a certificate of each service for its names in the cluster, by an authority that tools trust', () => {
    const { authority, services } = readStackFile(join(target, 'stack.json'));
    const trusted = new X509Certificate(readFileSync(authority!));
    for (const service of ['auth', 'account', 'card', 'payment'] as const) {
      const certificate = new X509Certificate(files[`${service}-server/tls.crt`]!);
      expect(certificate.checkIssued(trusted)).toBe(true);
      expect(certificate.checkHost(`${service}.tallystick.svc`)).toBeDefined();
      expect(certificate.checkHost(service)).toBeDefined();
      expect(certificate.checkIP(new URL(services[service]!).hostname)).toBeDefined();
      expect(services[service]).toMatch(/^https:/);
    }
  });

  test('exclude certificates where none are asked for', async () => {
    const open = await makeSecrets({ databaseHost, withDemo: true, nowMs });
    expect(Object.keys(open).filter((name) => /-server\/|authority/.test(name))).toEqual([]);
    expect(JSON.parse(open['stack.json']!)).toMatchObject({ services: { auth: 'http://127.0.0.1:8081' } });
  });

  test('exclude the demo from a permanent installation', async () => {
    const lasting = await makeSecrets({ databaseHost, withDemo: false, nowMs });
    const seed = JSON.parse(lasting['auth/seed.json']!) as {
      customers: unknown[];
      clients: { client_id: string }[];
      producers: { id: string }[];
    };
    expect(seed.customers).toEqual([]);
    expect(seed.clients.map(({ client_id }) => client_id)).toEqual([...powers, PROBE]);
    expect(seed.producers.map(({ id }) => id)).toEqual(['account', 'card', 'payment', 'console']);
    expect(Object.keys(lasting).filter((name) => /^(stack|producers)/.test(name))).toEqual([]);
  });

  test('keep an owner’s password out of every folder that a service reads', () => {
    const readByServices = Object.entries(files).filter(([name]) =>
      /^(auth|account|card|payment)\//.test(name),
    );
    for (const service of ['auth', 'account', 'card', 'payment']) {
      const password = files[`postgres/${service}-owner-password`]!;
      expect(files[`${service}-migration/postgres-url`]).toContain(password);
      expect(readByServices.filter(([, content]) => content.includes(password))).toEqual([]);
    }
  });

  test('keep the root key out of every folder that becomes a Secret', () => {
    const root = (JSON.parse(files['offline/root-key.jwk.json']!) as { d: string }).d;
    const holders = Object.entries(files).filter(([, content]) => content.includes(root));
    expect(holders.map(([name]) => name)).toEqual(['offline/root-key.jwk.json']);
  });
});
