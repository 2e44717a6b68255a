import { describe, expect, test } from '@jest/globals';
import { faultOfRegistrarCertificate } from '../src/keys/registrar-certificate.ts';
import { certifiedRegistrar, newSigningKey } from './auth-service.ts';

describe("the registrar's certificate", () => {
  test('is accepted only if a pinned root key signed it for the registrar’s key', async () => {
    const [root, stranger] = [await newSigningKey(), await newSigningKey()];
    const { key, certificate } = await certifiedRegistrar(root);
    expect(await faultOfRegistrarCertificate(certificate, key, [root.publicJwk])).toBeUndefined();
    expect(await faultOfRegistrarCertificate(certificate, key, [stranger.publicJwk])).toMatch(
      /no certificate by a root key/,
    );
    expect(await faultOfRegistrarCertificate(certificate, stranger, [root.publicJwk])).toMatch(
      /another key than REGISTRAR_KEY_FILE/,
    );
    expect(await faultOfRegistrarCertificate('no certificate', key, [root.publicJwk])).toMatch(
      /no certificate by a root key/,
    );
  });
});
