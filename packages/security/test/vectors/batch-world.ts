import { dayS, nowS, signingKey, testRegistrar, type Registrar, type TestKey } from '../trust.ts';

/** The parties of the vectors of batches. */
export interface BatchWorld {
  registrar: Registrar;
  /** The records of the key topic, in order. */
  keyTopic: string[];
  /** May sign batches. */
  batching: TestKey;
  /** May sign batches, and is retired but not expired. */
  batchingRetired: TestKey;
  batchingRevoked: TestKey;
  /** On P-256, which the batch form does not support, although its certificate allows batches. */
  batchingP256: TestKey;
  /** Has no `batch` claim in its certificate. */
  acme: TestKey;
  /** Has `batch: false` in its certificate. */
  notBatching: TestKey;
  /** May sign batches under another name. */
  payment: TestKey;
}

export async function batchWorld(): Promise<BatchWorld> {
  const registrar = await testRegistrar();
  const [batching, batchingRetired, batchingRevoked, batchingP256, acme, notBatching, payment] =
    await Promise.all([
      signingKey('batching'),
      signingKey('batchingRetired'),
      signingKey('batchingRevoked'),
      signingKey('batchingP256', 'P-256'),
      signingKey('acme'),
      signingKey('notBatching'),
      signingKey('payment'),
    ]);
  const certificates = await Promise.all([
    registrar.certify(batching.publicJwk, { batch: true }),
    registrar.certify(batchingRetired.publicJwk, { batch: true, status: 'retired' }),
    registrar.certify(batchingRevoked.publicJwk, {
      batch: true,
      status: 'revoked',
      revoked_since: nowS - dayS,
    }),
    registrar.certify(batchingP256.publicJwk, { batch: true }),
    registrar.certify(acme.publicJwk),
    registrar.certify(notBatching.publicJwk, { batch: false }),
    registrar.certify(payment.publicJwk, { batch: true, sub: 'payment' }),
  ]);
  return {
    registrar,
    keyTopic: [registrar.certificate, ...certificates, await registrar.snapshot(1, certificates)],
    batching,
    batchingRetired,
    batchingRevoked,
    batchingP256,
    acme,
    notBatching,
    payment,
  };
}
