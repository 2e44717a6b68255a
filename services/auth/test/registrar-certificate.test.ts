import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readRegistrarCertificate } from '../src/registrar-certificate.ts';
import { certifiedRegistrar, newSigningKey } from './auth-service.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-certificate-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe("the registrar's certificate", () => {
  test('is taken where a pinned root key signed it for the registrar’s key, and only then', async () => {
    const [root, stranger] = [await newSigningKey(), await newSigningKey()];
    const { key, certificate } = await certifiedRegistrar(root);
    const file = join(directory, 'registrar.jwt');
    await writeFile(file, `${certificate}\n`);

    expect(await readRegistrarCertificate(file, key, [root.publicJwk])).toBe(certificate);
    const refusals = [
      [file, key, stranger, /no certificate by a root key/],
      [file, stranger, root, /another key than REGISTRAR_KEY_FILE/],
      [join(directory, 'absent.jwt'), key, root, /REGISTRAR_CERTIFICATE_FILE.*cannot be read \(ENOENT\)/],
    ] as const;
    for (const [path, holder, anchor, reason] of refusals) {
      await expect(readRegistrarCertificate(path, holder, [anchor.publicJwk])).rejects.toThrow(reason);
    }
  });
});
