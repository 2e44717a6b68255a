import { describe, expect, test } from '@jest/globals';
import { clientPermissions, servicePermissions } from '@tallystick/contracts';
import { POSSESSION_TYP, verifyPossession } from '@tallystick/security';
import { SignJWT } from 'jose';
import {
  CERTIFICATE_LIFETIME_S,
  certificateOf,
  registeredKey,
  requireThirdParty,
  revokedKey,
  snapshotOf,
  type KeyRegistration,
} from '../src/domain/producer-key.ts';

import { newSigningKey } from './auth-service.ts';

const NOW_S = 1_800_000_000;
const asked: KeyRegistration = {
  kid: 'k'.repeat(43),
  producerId: 'acme',
  publicJwk: { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) },
  use: 'sig',
  permissions: [{ topic: 'payment.commands.v1', types: ['payment.create'] }],
  batch: false,
};
const key = registeredKey(undefined, asked, NOW_S);

describe('a key that a third party may register over HTTP', () => {
  const refusal = (changes: Partial<KeyRegistration>): string | undefined => {
    try {
      requireThirdParty({ ...asked, ...changes });
      return undefined;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  test('is a signing key for the commands of third parties', () => {
    expect(refusal({})).toBeUndefined();
    expect(refusal({ permissions: clientPermissions() })).toBeUndefined();
    expect(refusal({ permissions: [] })).toBeUndefined();
  });

  test.each(['auth', 'account', 'card', 'payment', 'registrar', 'root'])(
    'is not a key of %s',
    (producerId) => {
      expect(refusal({ producerId })).toBe('producer.name_reserved');
    },
  );

  test.each([
    ['the audience of tokens', [{ topic: 'urn:tallystick:api', types: ['access_token'] }]],
    ['the audience of decisions', [{ topic: 'card.decisions.v1', types: ['card.decision'] }]],
    ['the commands of the ledger', [{ topic: 'account.commands.v1', types: ['account.hold.place'] }]],
    ['events', [{ topic: 'payment.events.v1', types: ['payment.captured'] }]],
    ['an undefined type', [{ topic: 'payment.commands.v1', types: ['payment.invented'] }]],
    ['all that a service may send', servicePermissions('payment')],
  ])('has no permission for %s', (_name, permissions) => {
    expect(refusal({ permissions })).toBe('producer.permission_refused');
  });

  test('is not an encryption key', () => {
    expect(refusal({ use: 'enc' })).toBe('producer.permission_refused');
  });
});

describe('the registration of a key', () => {
  test('makes a new key active from shortly before now', () => {
    expect(key).toMatchObject({
      status: 'active',
      notBeforeS: NOW_S - 60,
      expiresAtS: NOW_S + CERTIFICATE_LIFETIME_S,
    });
  });
  test('changes nothing for a repeated registration', () => {
    expect(registeredKey(key, asked, NOW_S + 100)).toBe(key);
  });
  test('replaces the permissions and keeps the dates', () => {
    const changed = registeredKey(key, { ...asked, permissions: [] }, NOW_S + 100);
    expect(changed).toEqual({ ...key, permissions: [] });
  });
  test('extends a key that is late in its life', () => {
    const laterS = NOW_S + CERTIFICATE_LIFETIME_S - 1_000;
    expect(registeredKey(key, asked, laterS).expiresAtS).toBe(laterS + CERTIFICATE_LIFETIME_S);
  });
  test.each([
    ['a key of another producer', { producerId: 'evil' }],
    ['a key for another use', { use: 'enc' as const }],
  ])('refuses %s', (_name, changes) => {
    expect(() => registeredKey(key, { ...asked, ...changes }, NOW_S)).toThrow('producer.key_reused');
  });
  test('refuses a revoked key', () => {
    expect(() => registeredKey(revokedKey(key, NOW_S), asked, NOW_S)).toThrow('producer.key_reused');
  });
});

describe('the revocation of a key', () => {
  test('records when the trust ended, once', () => {
    const revoked = revokedKey(key, NOW_S + 5);
    expect(certificateOf(revoked, NOW_S + 5)).toMatchObject({ status: 'revoked', revoked_since: NOW_S + 5 });
    expect(revokedKey(revoked, NOW_S + 50)).toBe(revoked);
  });
});

test('a snapshot is valid for an hour', () => {
  expect(snapshotOf({ digests: { a: 'digest' }, origins: ['https://a.example'] }, 7, NOW_S)).toEqual({
    version: 7,
    iat: NOW_S,
    exp: NOW_S + 3_600,
    certificates: { a: 'digest' },
    origins: ['https://a.example'],
  });
});

describe('a proof of possession', () => {
  const permissions = [{ topic: 'payment.commands.v1', types: ['payment.create'] }];
  const proofOf = async ({
    typ = POSSESSION_TYP,
    ...changes
  }: { typ?: string } & Record<string, unknown> = {}) => {
    const signer = await newSigningKey();
    const claims = {
      sub: 'acme',
      jkt: signer.kid,
      permissions,
      batch: false,
      enrolment_code: 'c1',
      iat: NOW_S,
    };
    const proof = await new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: signer.alg, typ })
      .sign(signer.privateKey);
    const application = { producerId: 'acme', kid: signer.kid, permissions, batch: false };
    return { signer, proof, application };
  };

  test('returns the enrolment code if it is recent, by the key, and over exactly what is asked', async () => {
    const { signer, proof, application } = await proofOf();
    await expect(verifyPossession(proof, signer.publicJwk, application, NOW_S)).resolves.toBe('c1');
  });

  test.each([
    ['of another type', { typ: 'JWT' }],
    ['for another producer', { sub: 'evil' }],
    ['for another key', { jkt: 'other' }],
    ['for other permissions', { permissions: [] }],
    ['for batches', { batch: true }],
    ['without a code', { enrolment_code: undefined }],
    ['from long ago', { iat: NOW_S - 301 }],
    ['from the future', { iat: NOW_S + 301 }],
  ])('is refused: %s', async (_name, changes) => {
    const { signer, proof, application } = await proofOf(changes);
    await expect(verifyPossession(proof, signer.publicJwk, application, NOW_S)).rejects.toThrow(
      'producer.proof_invalid',
    );
  });

  test('is refused if another key signed it', async () => {
    const { proof, application } = await proofOf();
    const { publicJwk } = await newSigningKey();
    await expect(verifyPossession(proof, publicJwk, application, NOW_S)).rejects.toThrow(
      'producer.proof_invalid',
    );
  });
});
