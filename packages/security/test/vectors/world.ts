import { OUTCOMES } from '@tallystick/contracts';
import type { DecryptionKey, SigningKey } from '../../src/index.ts';
import { dayS, decryptionKey, hourS, nowS, signingKey, testRegistrar, type Registrar } from '../trust.ts';

/** The parties of the vectors: keys by the name under which the file lists them. */
export interface World {
  registrar: Registrar;
  /** The records of the key topic, in order. */
  keyTopic: string[];
  acme: SigningKey;
  acmeP256: SigningKey;
  /** May sign batches. */
  batching: SigningKey;
  retired: SigningKey;
  ended: SigningKey;
  notYet: SigningKey;
  revoked: SigningKey;
  /** Certified, but without a permission for the messages in the tests. */
  visitor: SigningKey;
  payment: SigningKey;
  stranger: SigningKey;
  /** The encryption key of the service that receives card commands. */
  card: DecryptionKey;
  anotherCard: DecryptionKey;
  /** Certified for encryption, used to sign. */
  encryptionOnly: SigningKey;
}

export async function vectorWorld(): Promise<World> {
  const registrar = await testRegistrar();
  const [acme, retired, ended, notYet, revoked, visitor, payment, stranger] = await Promise.all([
    signingKey('acme'),
    signingKey('retired'),
    signingKey('ended'),
    signingKey('notYet'),
    signingKey('revoked'),
    signingKey('visitor'),
    signingKey('payment'),
    signingKey('stranger'),
  ]);
  const acmeP256 = await signingKey('acmeP256', 'P-256');
  const batching = await signingKey('batching');
  const encryptionOnly = await signingKey('encryptionOnly', 'P-256');
  const [card, anotherCard] = await Promise.all([decryptionKey('card'), decryptionKey('anotherCard')]);
  const paymentEvents = [{ topic: OUTCOMES, types: ['payment.captured'] }];
  const certificates = await Promise.all([
    registrar.certify(acme.publicJwk),
    registrar.certify(acmeP256.publicJwk),
    registrar.certify(batching.publicJwk, { batch: true }),
    registrar.certify(retired.publicJwk, { status: 'retired' }),
    registrar.certify(ended.publicJwk, { exp: nowS - hourS, permissions: paymentEvents, sub: 'payment' }),
    registrar.certify(notYet.publicJwk, { nbf: nowS + hourS }),
    registrar.certify(revoked.publicJwk, { status: 'revoked', revoked_since: nowS - dayS }),
    registrar.certify(visitor.publicJwk, { sub: 'visitor', permissions: [] }),
    registrar.certify(payment.publicJwk, { sub: 'payment', permissions: paymentEvents }),
    registrar.certify(card.publicJwk, { sub: 'card', use: 'enc', permissions: [] }),
    registrar.certify(encryptionOnly.publicJwk, { use: 'enc' }),
  ]);
  return {
    registrar,
    keyTopic: [registrar.certificate, ...certificates, await registrar.snapshot(1, certificates)],
    acme,
    acmeP256,
    batching,
    retired,
    ended,
    notYet,
    revoked,
    visitor,
    payment,
    stranger,
    card,
    anotherCard,
    encryptionOnly,
  };
}
