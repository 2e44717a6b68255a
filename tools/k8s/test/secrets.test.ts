import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  importSigningKey,
  Keyring,
  loadFieldKeys,
  loadPrivateJwk,
  loadTrustAnchors,
} from '@tallystick/security';
import { certifyRegistrar, makePair, revokeRegistrar } from '../src/secrets/keys.ts';
import { makeSecrets } from '../src/secrets/make-secrets.ts';
import { writeSecrets } from '../src/secrets/write-secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'tallystick-secrets-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const nowMs = Date.now();
const files = await makeSecrets((service) => `${service}-db`, nowMs);
const target = join(directory, 'secrets');
writeSecrets(target, files);

describe('the next registrar', () => {
  test('is vouched for by the root, and the one before is not any more', async () => {
    const [root, before, next] = await Promise.all([makePair(), makePair(), makePair()]);
    const alarms: string[] = [];
    const keyring = await Keyring.create({
      trustAnchors: [root.publicJwk],
      now: () => nowMs,
      onAlarm: ({ detail }) => alarms.push(detail),
    });
    await keyring.take(await certifyRegistrar(root, before, nowMs));
    await keyring.take(await revokeRegistrar(root, before.publicJwk, nowMs));
    await keyring.take(await certifyRegistrar(root, next, nowMs));
    expect(alarms).toEqual([]);
    await keyring.take(await certifyRegistrar(root, before, nowMs));
    expect(alarms).toEqual(["the registrar's key is revoked"]);
  });
});

describe('the secrets of a new installation', () => {
  test('are taken by the services', async () => {
    await importSigningKey(await loadPrivateJwk(join(target, 'payment/signing-key.jwk.json')));
    await loadPrivateJwk(join(target, 'card/encryption-key.jwk.json'));
    await loadFieldKeys(join(target, 'card/field-keys.json'));
    expect(await loadTrustAnchors(join(target, 'card/trust-anchors.jwks.json'))).toHaveLength(1);
  });

  test('begin with a registrar whom the root vouches for', async () => {
    const alarms: unknown[] = [];
    const keyring = await Keyring.create({
      trustAnchors: await loadTrustAnchors(join(target, 'auth/trust-anchors.jwks.json')),
      now: () => nowMs,
      onAlarm: (alarm) => alarms.push(alarm),
    });
    await keyring.take(files['auth/registrar.certificate']!);
    expect(alarms).toEqual([]);
  });

  test('are open to nobody else', () => {
    for (const name of Object.keys(files)) expect(statSync(join(target, name)).mode & 0o007).toBe(0);
  });

  test('are never written over', () => {
    expect(() => writeSecrets(target, files)).toThrow('is there already');
  });

  test('keep the root key out of every folder that becomes a Secret', () => {
    const root = (JSON.parse(files['offline/root-key.jwk.json']!) as { d: string }).d;
    const holders = Object.entries(files).filter(([, content]) => content.includes(root));
    expect(holders.map(([name]) => name)).toEqual(['offline/root-key.jwk.json']);
  });
});
