import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Kafka, Surroundings } from '../backing.ts';
import { onFreePorts } from '../free-ports.ts';
import { startProcess } from '../process/supervised-process.ts';
import type { TransportSecurity } from '../tls/transport-security.ts';
import { connectionOf } from './kafka-connection.ts';
import { kafkaJars, requireJava } from './kafka-artifacts.ts';
import { kafkaServes } from './kafka-ready.ts';
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

const run = promisify(execFile);

/**
 * Starts one Kafka broker in KRaft mode as a process of this machine.
 *
 * @throws PrerequisiteError if Java or Maven is missing
 */
export async function startKafkaProcess(around: Surroundings): Promise<Kafka> {
  const java = await requireJava(around.env);
  const jars = await kafkaJars(around.progress, around.env);
  const { security, kafkaProxyPort } = around;
  return onFreePorts(3, async ([port, controllerPort, thirdPort]) => {
    const directory = join(around.run.dataDirectory, `kafka-${port}`);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const stores = security === undefined ? undefined : await writeStores(directory, security);
    const properties = join(directory, 'server.properties');
    const third = { listens: `127.0.0.1:${thirdPort}` };
    const content = brokerProperties(
      {
        clients: { listens: `127.0.0.1:${port}` },
        controller: { listens: `127.0.0.1:${controllerPort}` },
        ...(security !== undefined && { brokers: third }),
        ...(kafkaProxyPort !== undefined && {
          proxied: { ...third, advertised: `127.0.0.1:${kafkaProxyPort}` },
        }),
      },
      { logDirectory: join(directory, 'data'), stores },
    );
    await writeFile(properties, propertiesText(content), { mode: 0o600 });
    await format(java, jars, directory, formatArguments(newClusterId(), properties, security));
    const connection = connectionOf([`127.0.0.1:${port}`], security);
    const process = await startProcess({
      name: 'kafka',
      command: java,
      args: ['-Xmx512m', '-Xms256m', '-XX:+UseG1GC', ...jvm(jars), 'kafka.Kafka', properties],
      env: { PATH: around.env['PATH'] },
      cwd: directory,
      logFile: join(around.logDirectory, 'kafka.log'),
      pidDirectory: around.run.pidDirectory,
      readyWhen: () => kafkaServes(connection),
      timeoutMs: KAFKA_START_TIMEOUT_MS,
      onUnexpectedExit: (error) => around.progress(error.message),
    });
    return {
      connection,
      origin: 'process',
      process,
      ...(kafkaProxyPort !== undefined && { proxiedPort: thirdPort! }),
      stop: () => process.stop(),
    };
  });
}

async function writeStores(directory: string, security: TransportSecurity): Promise<BrokerStores> {
  const keystore = join(directory, 'keystore.pem');
  await writeFile(keystore, keystoreText(await certifyBroker(security, '127.0.0.1')), { mode: 0o600 });
  return { keystore, truststore: security.authority.caFile };
}

/** Formats the broker's directory: a broker accepts only one that was formatted for its cluster. */
async function format(java: string, jars: string, directory: string, args: string): Promise<void> {
  const file = join(directory, 'format.args');
  await writeFile(file, args, { mode: 0o600 });
  // the first compiler tier is enough for a program of one second
  await run(java, ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...jvm(jars), `@${file}`]);
  await rm(file);
}

function jvm(jars: string): string[] {
  return [
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
    '-cp',
    join(jars, '*'),
  ];
}
