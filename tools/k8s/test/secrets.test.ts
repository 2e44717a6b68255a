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
import { makeSecrets } from '../src/secrets/make-secrets.ts';
import { writeSecrets } from '../src/secrets/write-secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'tallystick-secrets-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const nowMs = Date.now();
const files = await makeSecrets((service) => `${service}-db`, nowMs);
const target = join(directory, 'secrets');
writeSecrets(target, files);

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
