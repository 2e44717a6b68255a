import { describe, expect, test } from '@jest/globals';
import type { RevocationClaims } from '@tallystick/contracts';

import { signRevocation } from '../src/index.ts';
import { Revocations } from '../src/keyring/revocations.ts';
import { hourS, keyringOf, nowMs, nowS, signingKey, testRegistrar } from './trust.ts';

const token = { sub: 'usr_1', client_id: 'wallet', iat: nowS, sid: 'session-1', grant_id: 'grant-1' };
const revocation = (changes: Partial<RevocationClaims> = {}): RevocationClaims => ({
  kind: 'grant',
  id: 'grant-1',
  iat: nowS,
  exp: nowS + hourS,
  ...changes,
});

function covers(revoked: RevocationClaims, of: Partial<typeof token> = {}, atMs = nowMs): boolean {
  const revocations = new Revocations(() => atMs);
  revocations.add(revoked);
  return revocations.covers({ ...token, ...of });
}

describe('a revocation', () => {
  test.each([
    ['a consent, whenever they were issued', revocation({ iat: nowS - 60 }), true],
    ['another consent', revocation({ id: 'grant-2' }), false],
    ['a session, whenever they were issued', revocation({ kind: 'session', id: 'session-1', iat: 1 }), true],
    ['a session, but not of a consent with its name', revocation({ kind: 'session' }), false],
    ['a customer before it', revocation({ kind: 'customer', id: 'usr_1' }), true],
    ['a customer, but not after it', revocation({ kind: 'customer', id: 'usr_1', iat: nowS - 1 }), false],
    ['a client before it', revocation({ kind: 'client', id: 'wallet' }), true],
    ['a client, but not after it', revocation({ kind: 'client', id: 'wallet', iat: nowS - 1 }), false],
    ['a customer, but not of a client with that name', revocation({ kind: 'customer', id: 'wallet' }), false],
  ])('ends the tokens of %s', (_name, revoked, expected) => {
    expect(covers(revoked)).toBe(expected);
  });

  test('is dropped after its end, when no token that it ends can still be used', () => {
    expect(covers(revocation(), {}, (nowS + hourS) * 1_000)).toBe(false);
  });

  test('stays as late as it was if an earlier one arrives after it', () => {
    const revocations = new Revocations(() => nowMs);
    revocations.add(revocation({ kind: 'client', id: 'wallet' }));
    revocations.add(revocation({ kind: 'client', id: 'wallet', iat: nowS - 60 }));
    expect(revocations.covers(token)).toBe(true);
  });
});

describe('a revocation on the key topic', () => {
  test('counts if the registrar signed it', async () => {
    const registrar = await testRegistrar();
    const { keyring, alarms } = await keyringOf(registrar, [registrar.certificate]);
    await keyring.take(await signRevocation(revocation(), registrar.key));
    expect(keyring.revocations.covers(token)).toBe(true);
    expect(alarms).toEqual([]);
  });

  test('is refused with an alarm if anybody else signed it', async () => {
    const registrar = await testRegistrar();
    const { keyring, alarms } = await keyringOf(registrar, [registrar.certificate]);
    await keyring.take(await signRevocation(revocation(), await signingKey('acme')));
    expect(keyring.revocations.covers(token)).toBe(false);
    expect(alarms).toMatchObject([{ kind: 'record_refused' }]);
  });
});
