import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Wait } from 'testcontainers';

import type { Kafka, Surroundings } from '../backing.ts';
import type { Engine } from '../container/container-engine.ts';
import { kafkaImage } from '../container/images.ts';
import { containerOf } from '../container/local-container.ts';
import { onFreePorts } from '../free-ports.ts';
import type { TransportSecurity } from '../tls/transport-security.ts';
import { until } from '../until.ts';
import { kafkaServes } from './kafka-ready.ts';
import { connectionOf } from './kafka-connection.ts';
import {
  brokerProperties,
  certifyBroker,
  formatArguments,
  KAFKA_START_TIMEOUT_MS,
  keystoreText,
  newClusterId,
  propertiesText,
  type BrokerStores,
} from './kafka-settings.ts';

const PORT = 9092;
const DIRECTORY = '/tmp/tallystick';
/** Created by the broker, since copied files belong to root. */
const LOG_DIRECTORY = '/tmp/kafka-data';
const JAVA = "java -cp '/opt/kafka/libs/*'";

/** Starts one Kafka broker in KRaft mode in a container. */
export async function startKafkaContainer(engine: Engine, around: Surroundings): Promise<Kafka> {
  // a broker advertises its address to clients, so the host port must be known before it starts
  return onFreePorts(1, async ([hostPort = PORT]) => {
    const broker = `${engine.host}:${hostPort}`;
    const container = await containerOf(engine, kafkaImage, join(around.logDirectory, 'kafka.log'))
      .withExposedPorts({ container: PORT, host: hostPort })
      .withCopyContentToContainer(await files(engine.host, broker, around.security))
      // the image's own start can neither create users nor read a keystore of this type
      .withEntrypoint(['bash', '-c'])
      .withCommand([
        `${JAVA} @${DIRECTORY}/format.args && exec ${JAVA} -Xmx512m -Xms256m kafka.Kafka ${DIRECTORY}/server.properties`,
      ])
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
      .withStartupTimeout(KAFKA_START_TIMEOUT_MS)
      .start();
    const connection = connectionOf([broker], around.security);
    if (!(await until(() => kafkaServes(connection), KAFKA_START_TIMEOUT_MS))) {
      await container.stop();
      throw new Error(`Kafka runs in its container but does not answer at ${broker}`);
    }
    return {
      connection,
      origin: 'container',
      stop: async () => {
        await container.stop();
      },
    };
  });
}

async function files(
  host: string,
  broker: string,
  security: TransportSecurity | undefined,
): Promise<{ target: string; content: string; mode: number }[]> {
  const stores: BrokerStores = {
    keystore: `${DIRECTORY}/keystore.pem`,
    truststore: `${DIRECTORY}/truststore.pem`,
  };
  const properties = brokerProperties(
    {
      clients: { listens: `:${PORT}`, advertised: broker },
      controller: { listens: ':9093', advertised: 'localhost:9093' },
      // the host port is not reachable from within the container
      brokers: { listens: ':9094', advertised: 'localhost:9094' },
    },
    { logDirectory: LOG_DIRECTORY, stores: security === undefined ? undefined : stores },
  );
  const target = `${DIRECTORY}/server.properties`;
  const contents: [string, string][] = [
    [target, propertiesText(properties)],
    [`${DIRECTORY}/format.args`, formatArguments(newClusterId(), target, security)],
    ...(security === undefined
      ? []
      : ([
          [stores.keystore, keystoreText(await certifyBroker(security, host))],
          [stores.truststore, readFileSync(security.authority.caFile, 'utf8')],
        ] as [string, string][])),
  ];
  // the broker of the image does not run as root, and these files belong to root
  return contents.map(([path, content]) => ({ target: path, content, mode: 0o644 }));
}
