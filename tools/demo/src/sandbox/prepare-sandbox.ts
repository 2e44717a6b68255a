import { readFile } from 'node:fs/promises';
import type { KafkaConnection } from '@tallystick/messaging';
import type { ProducerOptions } from '@tallystick/producer';
import { loadTrustAnchors } from '@tallystick/security';
import { CUSTOMER_CLIENT, kafkaOf, SettingError, THIRD_PARTY, type StackFile } from '@tallystick/stack';
import { Narrator } from '../narrator.ts';
import { grantMandate, openAndFund } from '../story/accounts.ts';
import { signEverybodyIn } from '../story/people.ts';
import type { World } from '../world.ts';
import { enrolProducer } from './enrol-producer.ts';

/** What a program needs to pay in a running system. */
export interface Sandbox {
  /** The issuer of tokens: auth's public origin. */
  issuer: string;
  services: StackFile['services'];
  /** A public client whose redirect URI is `http://127.0.0.1/callback`, at any port. */
  clientId: string;
  /** The payer, who signs in. */
  customer: { email: string; password: string };
  payerAccountId: string;
  payeeAccountId: string;
  /** A third party that may debit the payer's account. */
  producer: { id: string; privateJwk: ProducerOptions['privateJwk'] };
  kafka: KafkaConnection;
  topicPrefix: string;
  trustAnchors: ProducerOptions['trustAnchors'];
}

/**
 * Opens and funds accounts in a running system, and grants a third party a mandate on the payer's.
 * @param producerId enrols a new third party; by default that of the stack is used
 * @param before an earlier sandbox, whose third party is used again if it has this id and is enrolled
 * @throws SettingError if the system has users of Kafka and thus none for a new third party
 */
export async function prepareSandbox(
  stack: StackFile,
  producerId?: string,
  before?: Pick<Sandbox, 'producer'>,
): Promise<Sandbox> {
  const known = stack.producers.find(({ id }) => id === (producerId ?? THIRD_PARTY));
  if (known === undefined && stack.kafka.user !== undefined)
    throw new SettingError(
      `the Kafka of this stack has no user for ${producerId ?? THIRD_PARTY}: use ${THIRD_PARTY}, or start a stack without --tls`,
    );
  const narrator = new Narrator(false, () => {});
  const world = { stack, narrator, ...(await signEverybodyIn(stack, narrator)) } as World;
  await openAndFund(world);
  const id = producerId ?? THIRD_PARTY;
  const privateJwk =
    known === undefined
      ? await enrolProducer(
          world.operators,
          id,
          before?.producer.id === id ? before.producer.privateJwk : undefined,
        )
      : (JSON.parse(await readFile(known.privateJwk, 'utf8')) as ProducerOptions['privateJwk']);
  await grantMandate(world, id);
  const { email, password } = stack.customers[0]!;
  return {
    issuer: stack.services.auth!,
    services: stack.services,
    clientId: CUSTOMER_CLIENT,
    customer: { email, password },
    payerAccountId: world.customerAccountId,
    payeeAccountId: world.merchantAccountId,
    producer: { id, privateJwk },
    kafka: kafkaOf(stack, known?.kafkaUser),
    topicPrefix: stack.kafka.topicPrefix ?? '',
    trustAnchors: await loadTrustAnchors(stack.trustAnchors),
  };
}
