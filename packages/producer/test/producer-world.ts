import { generateKeyPairSync, randomInt } from 'node:crypto';
import { newId, type CertificateClaims, type Permission } from '@tallystick/contracts';
import { ensureOutcomeTopics } from '@tallystick/messaging';
import { newKey, startWorld, type TestKey, type World } from '@tallystick/messaging/testing';
import { importDecryptionKey, type DecryptionKey } from '@tallystick/security';

import { Producer, type ProducerOptions } from '../src/index.ts';

export const producerId = 'globex';

/** Kafka with a registered third party. */
export interface ProducerWorld extends World {
  /** The party's own key; its certificate permits all orders that third parties may send. */
  globex: TestKey;
  /** Connects the party as a {@link Producer}. */
  connectProducer(changes?: Partial<ProducerOptions>): Promise<Producer>;
  /** Certifies a new key that decrypts confidential messages to the card service. */
  certifyCardService(): Promise<DecryptionKey>;
}

const orders: readonly Permission[] = [
  { topic: 'payment.commands.v1', types: ['payment.create', 'payment.cancel'] },
  { topic: 'card.commands.v1', types: ['card.tokenize'] },
];

export async function startProducerWorld(): Promise<ProducerWorld> {
  const world = await startWorld();
  await ensureOutcomeTopics(world.kafka, world.topicPrefix, [producerId]);
  const globex = await newKey();
  await world.certify(globex, { sub: producerId, permissions: [...orders] });
  return {
    ...world,
    globex,
    connectProducer: (changes) =>
      Producer.connect({
        kafka: { brokers: world.brokers },
        producerId,
        privateJwk: globex.privateJwk as ProducerOptions['privateJwk'],
        trustAnchors: world.trustAnchors,
        topicPrefix: world.topicPrefix,
        ...changes,
      }),
    async certifyCardService() {
      const jwk = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
      const key = await importDecryptionKey(jwk as ProducerOptions['privateJwk']);
      const asCard = { sub: 'card', use: 'enc', permissions: [] } satisfies Partial<CertificateClaims>;
      await world.certify(key, asCard);
      return key;
    },
  };
}

/** An order to pay, under a new id. */
export const orderOf = (paymentId = newId('pay')) => ({
  paymentId,
  source: { kind: 'account' as const, accountId: newId('acc') },
  payee: { kind: 'account' as const, accountId: newId('acc') },
  amountMinor: 1_250n,
  currency: 'EUR' as const,
  capture: 'automatic' as const,
  capturedBy: 'initiator' as const,
  endToEndId: `INVOICE-${randomInt(1_000_000)}`,
});
