import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { importSigningKey, verifyPossession } from '@tallystick/security';
import { signApplication, type ProducerOptions } from '../src/index.ts';

const permissions = [{ topic: 'payment.commands.v1', types: ['payment.create'] }];

function newPrivateJwk(): ProducerOptions['privateJwk'] {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as ProducerOptions['privateJwk'];
}

describe('the application for a certificate', () => {
  test('proves to the registrar that the applicant holds the key, and repeats the code', async () => {
    const privateJwk = newPrivateJwk();
    const application = { producerId: 'globex', permissions, enrolmentCode: 'code-1', batch: true };
    const { publicJwk, proof, ...rest } = await signApplication({ ...application, privateJwk });
    expect(rest).toEqual({ permissions, batch: true });
    const { kid } = await importSigningKey(privateJwk);
    const nowS = Math.floor(Date.now() / 1_000);
    const asked = { producerId: 'globex', kid, permissions, batch: true };
    await expect(verifyPossession(proof, publicJwk as never, asked, nowS)).resolves.toBe('code-1');
  });

  test('of a further key is approved by the key that the party has', async () => {
    const [privateJwk, presentJwk] = [newPrivateJwk(), newPrivateJwk()];
    const application = { producerId: 'globex', permissions, enrolmentCode: 'code-1' };
    const { approval } = await signApplication({ ...application, privateJwk, presentJwk });
    const [{ kid }, { publicJwk: approver }] = await Promise.all([
      importSigningKey(privateJwk),
      importSigningKey(presentJwk),
    ]);
    const nowS = Math.floor(Date.now() / 1_000);
    const asked = { producerId: 'globex', kid, permissions, batch: false };
    await expect(verifyPossession(approval!, approver, asked, nowS)).resolves.toBe('code-1');
  });

  test('has only the public part of the key', async () => {
    const privateJwk = newPrivateJwk();
    const application = { producerId: 'globex', permissions, enrolmentCode: 'code-1' };
    const signed = await signApplication({ ...application, privateJwk });
    expect(JSON.stringify(signed)).not.toContain(String(privateJwk.d));
  });
});
