import { createKafka, type Kafka } from '@tallystick/messaging';
import { kafkaOf, THIRD_PARTY } from '@tallystick/stack';
import { createLogger } from '@tallystick/telemetry';
import type { World } from '../world.ts';
import { topicOf, type Attack } from './attack.ts';

const LEDGER = 'account.commands.v1';

/** Attacks that the broker refuses with private transport, before any envelope is checked. */
export const onTransport: readonly Attack[] = [
  {
    name: "a third party's user writes to the ledger's topic",
    run: async (world) => {
      const producer = kafkaAsProducer(world).producer();
      await producer.connect();
      const ended = await refused(() =>
        producer.send({ topic: topicOf(world, LEDGER), messages: [{ value: 'let me in' }] }),
      );
      await producer.disconnect();
      return ended;
    },
  },
  {
    name: "a third party's user reads the ledger's topic",
    run: async (world) => {
      const admin = kafkaAsProducer(world).admin();
      await admin.connect();
      const ended = await refused(() => admin.fetchTopicOffsets(topicOf(world, LEDGER)));
      await admin.disconnect();
      return ended;
    },
  },
];

function kafkaAsProducer({ stack }: World): Kafka {
  const user = stack.producers.find(({ id }) => id === THIRD_PARTY)?.kafkaUser;
  const logger = createLogger({ service: 'demo', level: 'silent', confidentialFields: [] });
  return createKafka({ ...kafkaOf(stack, user), clientId: THIRD_PARTY, logger });
}

/** Whether the broker refuses, and its error code. */
async function refused(work: () => Promise<unknown>): Promise<{ held: boolean; shown: string }> {
  try {
    await work();
    return { held: false, shown: 'done' };
  } catch (error) {
    const { type, cause } = error as { type?: string; cause?: { type?: string } };
    const code = type ?? cause?.type ?? String(error);
    return { held: code === 'TOPIC_AUTHORIZATION_FAILED', shown: code };
  }
}
