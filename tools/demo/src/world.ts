import type { RenewedAccess } from '@tallystick/client';
import { outcomesOf } from '@tallystick/contracts';
import { createKafka, EventReader, KeyFollower, Publisher } from '@tallystick/messaging';
import { importSigningKey, Keyring, loadPrivateJwk, loadTrustAnchors } from '@tallystick/security';
import { kafkaOf, type StackFile } from '@tallystick/stack';
import { createLogger } from '@tallystick/telemetry';
import type { ApiClient } from './api-client.ts';
import type { Operators } from './operators.ts';
import type { Narrator } from './narrator.ts';

/** The storyteller's view of the system: its events and quarantines, as any client of the broker sees them. */
export interface Watch {
  keyring: Keyring;
  publisher: Publisher;
  events: EventReader;
  stop(): Promise<void>;
}

const WATCHED = ['account.events.v1', 'card.events.v1'] as const;
const QUARANTINES = ['payment.commands.v1', 'account.commands.v1', 'card.commands.v1', ...WATCHED] as const;

/** @param producerIds third parties besides those of the stack file, whose outcomes are read too */
export async function watch(stack: StackFile, producerIds: readonly string[] = []): Promise<Watch> {
  const logger = createLogger({ service: 'demo', level: 'error', confidentialFields: [] });
  const kafka = createKafka({ ...kafkaOf(stack), clientId: 'demo', logger });
  const topicPrefix = stack.kafka.topicPrefix ?? '';
  const keyring = await Keyring.create({ trustAnchors: await loadTrustAnchors(stack.trustAnchors) });
  const follower = new KeyFollower({ kafka, keyring, service: 'demo', topicPrefix, logger });
  const events = new EventReader({
    kafka,
    keyring,
    service: 'demo',
    topicPrefix,
    topics: [...WATCHED, ...[...stack.producers.map(({ id }) => id), ...producerIds].map(outcomesOf)],
    quarantines: QUARANTINES,
    awaitKey: follower.awaitKey,
  });
  const [publisher] = await Promise.all([Publisher.connect(kafka), follower.start(), events.start()]);
  return {
    keyring,
    publisher,
    events,
    async stop() {
      await Promise.all([publisher.disconnect(), follower.stop(), events.stop()]);
    },
  };
}

/** Loads a private key of the run as a signing key. */
export async function signingKeyOf(file: string): ReturnType<typeof importSigningKey> {
  return importSigningKey(await loadPrivateJwk(file));
}

/** A system whose events and quarantines are watched. */
export type Watched = Pick<World, 'stack' | 'watch'>;

/** The shared state of the chapters, which each chapter extends. */
export interface World {
  stack: StackFile;
  narrator: Narrator;
  watch: Watch;
  customer: ApiClient;
  merchant: ApiClient;
  operators: Operators;
  /** Of the customer, for a new access token. */
  access: RenewedAccess;
  customerAccountId: string;
  merchantAccountId: string;
  cardId: string;
}
