import { join } from 'node:path';
import { Wait } from 'testcontainers';

import type { Kafka, Surroundings } from '../backing.ts';
import type { Engine } from '../container/container-engine.ts';
import { kafkaImage } from '../container/images.ts';
import { containerOf } from '../container/local-container.ts';
import { onFreePorts } from '../free-ports.ts';
import { until } from '../until.ts';
import { kafkaServes } from './kafka-ready.ts';
import { KAFKA_START_TIMEOUT_MS, localBroker } from './kafka-settings.ts';

const PORT = 9092;

/** Starts one Kafka broker in KRaft mode in a container. */
export async function startKafkaContainer(engine: Engine, around: Surroundings): Promise<Kafka> {
  // a broker tells its clients where it is reached, so the port outside must be known before it starts
  return onFreePorts(1, async ([hostPort = PORT]) => {
    const broker = `${engine.host}:${hostPort}`;
    const container = await containerOf(engine, kafkaImage, join(around.logDirectory, 'kafka.log'))
      .withExposedPorts({ container: PORT, host: hostPort })
      .withEnvironment({
        ...environment(),
        KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${broker}`,
        KAFKA_HEAP_OPTS: '-Xmx512m -Xms256m',
      })
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
      .withStartupTimeout(KAFKA_START_TIMEOUT_MS)
      .start();
    if (!(await until(() => kafkaServes([broker]), KAFKA_START_TIMEOUT_MS))) {
      await container.stop();
      throw new Error(`Kafka runs in its container and does not serve at ${broker}`);
    }
    return {
      brokers: [broker],
      origin: 'container',
      stop: async () => {
        await container.stop();
      },
    };
  });
}

/** The image takes `some.property` as KAFKA_SOME_PROPERTY. */
function environment(): Record<string, string> {
  const properties = {
    ...localBroker,
    listeners: `PLAINTEXT://:${PORT},CONTROLLER://:9093`,
    'controller.quorum.voters': '1@localhost:9093',
  };
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`,
      value,
    ]),
  );
}
