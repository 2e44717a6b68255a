import { createHash, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JWK } from 'jose';
import { sodium } from '../src/keyring/ed25519-sodium.ts';
import * as keys from '../src/keyring/signature-key.ts';
import { testPrivateJwk } from './test-keys.ts';

/** The order of the group, and the prime of the field (RFC 8032 §5.1). */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const P = 2n ** 255n - 19n;
/** The coordinate y of a point of order eight. */
const ORDER_EIGHT = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
const DATA = Buffer.from('what was signed');

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const publicJwk = (raw: Buffer): JWK => ({ kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') });
const rawOf = (jwk: JWK): Buffer => Buffer.from(jwk.x!, 'base64url');

function littleEndian(value: bigint): Buffer {
  return Buffer.from(hex(value.toString(16).padStart(64, '0')).toReversed());
}

function fromLittleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`);
}

/** Returns the secret scalar of a seed (RFC 8032 §5.1.5). */
function scalarOf(jwk: JWK): bigint {
  const hash = createHash('sha512').update(Buffer.from(jwk.d!, 'base64url')).digest().subarray(0, 32);
  hash[0]! &= 248;
  hash[31] = (hash[31]! & 127) | 64;
  return fromLittleEndian(hash) % L;
}

const pair = (crv: 'Ed25519' | 'P-256'): { jwk: JWK; publicKey: KeyObject; privateKey: KeyObject } => {
  const { publicKey, privateKey } =
    crv === 'Ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return { jwk: privateKey.export({ format: 'jwk' }) as JWK, publicKey, privateKey };
};

const { signerOf, verifierOf } = keys;

test('libsodium is installed here', () => {
  expect(sodium).not.toBeNull();
});

describe.each([
  ['libsodium', sodium],
  ['OpenSSL', null],
])('Ed25519 by %s', (_library, library) => {
  const signerOf = (jwk: JWK) => keys.signerOf(jwk, library);
  const verifierOf = (jwk: JWK) => keys.verifierOf(jwk, library);

  // RFC 8032 §7.1, tests 1 to 3.
  test.each([
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ])('matches the test vectors of RFC 8032: seed %s', async (seed, publicKey, data, signature) => {
    const jwk = { ...publicJwk(hex(publicKey)), d: hex(seed).toString('base64url') };
    expect((await signerOf(jwk).sign(hex(data))).toString('hex')).toBe(signature);
    expect(await verifierOf(jwk).verify(hex(data), hex(signature))).toBe(true);
  });

  test('creates the same signatures as OpenSSL, and verifies them only for the signed bytes', async () => {
    const { jwk, publicKey, privateKey } = pair('Ed25519');
    const [signer, verifier] = [signerOf(jwk), verifierOf(jwk)];
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(511),
        fc.nat(2_399),
        async (bytes, signatureBit, dataBit) => {
          const data = Buffer.from(bytes);
          const signature = await signer.sign(data);
          expect(signature).toEqual(sign(null, data, privateKey));
          expect(await verifier.verify(data, signature)).toBe(true);
          const otherSignature = flipped(signature, signatureBit);
          expect(verify(null, data, publicKey, otherSignature)).toBe(false);
          expect(await verifier.verify(data, otherSignature)).toBe(false);
          if (data.length > 0)
            expect(await verifier.verify(flipped(data, dataBit % (data.length * 8)), signature)).toBe(false);
        },
      ),
    );
  });

  test('refuses a signature with S beyond the order of the group', async () => {
    const jwk = testPrivateJwk('acme');
    const signature = await signerOf(jwk).sign(DATA);
    const again = Buffer.concat([
      signature.subarray(0, 32),
      littleEndian(fromLittleEndian(signature.subarray(32)) + L),
    ]);
    expect(await verifierOf(jwk).verify(DATA, again)).toBe(false);
  });

  test.each([
    ['the neutral point', 1n],
    ['the point of order two', P - 1n],
    ['the neutral point, beyond the field', P + 1n],
    ['the point of order four, beyond the field', P],
    ['the point of order four', 0n],
    ['a point of order eight', ORDER_EIGHT],
    ['another point of order eight', P - ORDER_EIGHT],
    ['the neutral point, with the sign of x', 1n + 2n ** 255n],
  ])('verifies no signature by a public key of small order: %s', async (_name, y) => {
    const key = testPrivateJwk('acme');
    // R = S·B, and h·A vanishes for any bytes, or for half of them.
    const forged = Buffer.concat([rawOf(key), littleEndian(scalarOf(key))]);
    const verifier = verifierOf(publicJwk(littleEndian(y)));
    const verdicts = await Promise.all(
      Array.from({ length: 16 }, (_, at) => verifier.verify(Buffer.from([at]), forged)),
    );
    expect(verdicts).not.toContain(true);
  });

  test('verifies what the other library signed', async () => {
    const { jwk } = pair('Ed25519');
    const other = keys.signerOf(jwk, library === null ? sodium : null);
    expect(await verifierOf(jwk).verify(DATA, await other.sign(DATA))).toBe(true);
  });

  test('refuses a public part that does not match: signing with it would reveal the private key', () => {
    const { x } = testPrivateJwk('payment');
    expect(() => signerOf({ ...testPrivateJwk('acme'), x: x! })).toThrow('x is not the public key of d');
  });

  test.each([
    ['a short private part', { ...testPrivateJwk('acme'), d: 'AAAA' }, 'd is no private key'],
    ['no private part', publicJwk(rawOf(testPrivateJwk('acme'))), 'd is no private key'],
    ['a short public part', { ...testPrivateJwk('acme'), x: 'AAAA' }, 'x is no public key'],
  ])('creates no signer from %s', (_name, jwk, message) => {
    expect(() => signerOf(jwk)).toThrow(message);
  });

  test('creates no verifier from a public part of another length', () => {
    expect(() => verifierOf(publicJwk(Buffer.alloc(31)))).toThrow('x is no public key');
  });

  test('lets other events run between many signatures', async () => {
    const signer = signerOf(testPrivateJwk('acme'));
    let turnsOfOthers = 0;
    let isDone = false;
    const other = (): void => {
      turnsOfOthers += 1;
      if (!isDone) setImmediate(other);
    };
    setImmediate(other);
    await Promise.all(Array.from({ length: 500 }, () => signer.sign(DATA)));
    isDone = true;
    expect(turnsOfOthers).toBeGreaterThanOrEqual(9);
  });

  test('creates waiting signatures in the order of the requests', async () => {
    const signer = signerOf(testPrivateJwk('acme'));
    const made: number[] = [];
    const asked = Array.from({ length: 300 }, (_, at) => at);
    await Promise.all(asked.map(async (at) => signer.sign(DATA).then(() => made.push(at))));
    expect(made).toEqual(asked);
  });
});

describe('ES256', () => {
  test('creates signatures that OpenSSL verifies, and verifies those of OpenSSL', async () => {
    const { jwk, publicKey, privateKey } = pair('P-256');
    const dsaEncoding = 'ieee-p1363';
    const signature = await signerOf(jwk).sign(DATA);
    expect(verify('sha256', DATA, { key: publicKey, dsaEncoding }, signature)).toBe(true);
    const theirs = sign('sha256', DATA, { key: privateKey, dsaEncoding });
    const verifier = verifierOf(jwk);
    expect(await verifier.verify(DATA, theirs)).toBe(true);
    expect(await verifier.verify(DATA, flipped(theirs, 100))).toBe(false);
  });
});

test.each(['Ed25519', 'P-256'] as const)('refuses a shorter or longer signature: %s', async (crv) => {
  const jwk = testPrivateJwk('acme', crv);
  const signature = await signerOf(jwk).sign(DATA);
  const verifier = verifierOf(jwk);
  expect(await verifier.verify(DATA, signature)).toBe(true);
  const others = [Buffer.alloc(0), signature.subarray(1), Buffer.concat([signature, Buffer.alloc(1)])];
  expect(await Promise.all(others.map((other) => verifier.verify(DATA, other)))).toEqual([
    false,
    false,
    false,
  ]);
});

test('verifies no signature by an encryption key', async () => {
  expect(await verifierOf(testPrivateJwk('card', 'X25519')).verify(DATA, Buffer.alloc(64))).toBe(false);
});

function flipped(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
}
