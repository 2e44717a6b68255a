import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Kafka, Surroundings } from '../backing.ts';
import { onFreePorts } from '../free-ports.ts';
import { startProcess } from '../process/supervised-process.ts';
import { kafkaJars, requireJava } from './kafka-artifacts.ts';
import { kafkaServes } from './kafka-ready.ts';
import { KAFKA_START_TIMEOUT_MS, localBroker } from './kafka-settings.ts';

const run = promisify(execFile);

/**
 * Starts one Kafka broker in KRaft mode as a process of this machine.
 *
 * @throws PrerequisiteError when Java or Maven is missing
 */
export async function startKafkaProcess(around: Surroundings): Promise<Kafka> {
  const java = await requireJava(around.env);
  const jars = await kafkaJars(around.progress, around.env);
  return onFreePorts(3, async ([port, controllerPort, proxiedPort]) => {
    const directory = join(around.run.dataDirectory, `kafka-${port}`);
    await mkdir(directory, { recursive: true });
    const properties = join(directory, 'server.properties');
    await writeFile(
      properties,
      propertiesText(
        `127.0.0.1:${port}`,
        `127.0.0.1:${controllerPort}`,
        directory,
        around.kafkaProxyPort === undefined
          ? undefined
          : { listens: `127.0.0.1:${proxiedPort}`, advertised: `127.0.0.1:${around.kafkaProxyPort}` },
      ),
    );
    await format(java, jars, properties);
    const brokers = [`127.0.0.1:${port}`];
    const process = await startProcess({
      name: 'kafka',
      command: java,
      args: ['-Xmx512m', '-Xms256m', '-XX:+UseG1GC', ...jvm(jars), 'kafka.Kafka', properties],
      env: { PATH: around.env['PATH'] },
      cwd: directory,
      logFile: join(around.logDirectory, 'kafka.log'),
      pidDirectory: around.run.pidDirectory,
      readyWhen: () => kafkaServes(brokers),
      timeoutMs: KAFKA_START_TIMEOUT_MS,
      onUnexpectedExit: (error) => around.progress(error.message),
    });
    return {
      brokers,
      origin: 'process',
      process,
      ...(around.kafkaProxyPort !== undefined && { proxiedPort: proxiedPort! }),
      stop: () => process.stop(),
    };
  });
}

function propertiesText(
  broker: string,
  controller: string,
  directory: string,
  proxied: { listens: string; advertised: string } | undefined,
): string {
  const properties = {
    ...localBroker,
    listeners: `PLAINTEXT://${broker},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAINTEXT://${broker}`,
    ...(proxied !== undefined && {
      listeners: `PLAINTEXT://${broker},CONTROLLER://${controller},PROXIED://${proxied.listens}`,
      'advertised.listeners': `PLAINTEXT://${broker},PROXIED://${proxied.advertised}`,
      'listener.security.protocol.map': `${localBroker['listener.security.protocol.map']},PROXIED:PLAINTEXT`,
    }),
    'controller.quorum.voters': `1@${controller}`,
    'log.dirs': join(directory, 'data'),
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** A broker takes only a directory that was formatted for its cluster. */
async function format(java: string, jars: string, properties: string): Promise<void> {
  const id = randomBytes(16);
  // with the first bit clear its text cannot begin with a hyphen, which the tool would take for an option
  id[0]! &= 0x7f;
  const clusterId = id.toString('base64url');
  // the first compiler tier is enough for a program of one second
  const args = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...jvm(jars), 'kafka.tools.StorageTool'];
  await run(java, [...args, 'format', '-t', clusterId, '-c', properties]);
}

function jvm(jars: string): string[] {
  return [
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
    '-cp',
    join(jars, '*'),
  ];
}
