import { coreServices, type CoreServiceName } from '@tallystick/contracts';
import { openAccounts, OrderBook, signPeopleIn } from '@tallystick/load';
import { createKafka } from '@tallystick/messaging';
import {
  claimDirectory,
  consoleLines,
  kafkaOf,
  PrerequisiteError,
  startBackingServices,
  startSystem,
  stopOnExit,
  type BackingServices,
  type SupervisedProcess,
} from '@tallystick/stack';
import { createLogger } from '@tallystick/telemetry';
import { Hostile } from './hostile.ts';
import { Payments } from './load/payments.ts';
import { Proxy } from './proxy.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

const ACCOUNTS = 60;

/**
 * Starts a separate system behind proxies, with accounts and people.
 * @param options.kafkaBrokers a running Kafka, which stays unharmed
 */
export async function openWorld(
  {
    directory,
    kafkaBrokers,
    console: withConsole = false,
  }: { directory: string; kafkaBrokers?: string | undefined; console?: boolean | undefined },
  random: Random,
  say: (line: string) => void,
): Promise<{ world: World; close(): Promise<void> }> {
  const release = claimDirectory(directory);
  const unregisterRelease = stopOnExit(async () => release());
  const kafkaProxy = await Proxy.listen();
  const backing = await startBackingServices({
    directory,
    // A message about an unexpected end includes the end of its log; for a fault one line is enough.
    progress: (line) => say(line.split('\n')[0]!),
    traces: 'sink',
    kafkaProxyPort: kafkaProxy.port,
    // Only a process of this machine can be killed and paused individually.
    env: {
      ...process.env,
      TALLYSTICK_BACKING: 'process',
      ...(kafkaBrokers === undefined ? {} : { KAFKA_BROKERS: kafkaBrokers }),
    },
  });
  const kafkaPart = kafkaBrokers === undefined ? backing.processes.kafka : notOurs('kafka');
  const { postgres: postgresPart } = backing.processes;
  if (kafkaPart === undefined || postgresPart === undefined)
    throw new PrerequisiteError(
      'chaos starts its own Kafka and Postgres: unset KAFKA_BROKERS and POSTGRES_URL.',
    );
  kafkaProxy.targetPort = backing.kafka.proxiedPort;
  const postgresProxies = await proxiesOf(backing);
  const system = await startSystem(backing, {
    directory,
    progress: (line) => say(line.split('\n')[0]!),
    console: withConsole,
    adapt: (service, env) => ({
      ...env,
      ...(kafkaBrokers === undefined ? { KAFKA_BROKERS: `127.0.0.1:${kafkaProxy.port}` } : {}),
      ...(service === 'console'
        ? {}
        : { POSTGRES_URL: withPort(env['POSTGRES_URL']!, postgresProxies[service].port) }),
    }),
  });
  const unregister = stopOnExit(() => system.stop());
  const stack = system.stackFile;
  for (const line of consoleLines(stack)) say(line);
  const people = await signPeopleIn(stack);
  const parties = await openAccounts(people, { accounts: ACCOUNTS, mix: 'mixed', say: () => {} });
  const hostile = await Hostile.prepare(stack, people);
  const logger = createLogger({ service: 'chaos', level: 'silent', confidentialFields: [] });
  const kafka = createKafka({ ...kafkaOf(stack), clientId: 'chaos', logger });
  const book = new OrderBook();
  const payments = await Payments.prepare({ stack, kafka, people, parties, book, random });
  const world: World = {
    stack,
    system,
    backing,
    parts: { ...system.processes, kafka: kafkaPart, postgres: postgresPart },
    proxies: { kafka: kafkaProxy, postgres: postgresProxies },
    kafka,
    people,
    parties,
    // Signs in at the end, when the operators' requests are made.
    operators: people.operators,
    book,
    payments,
    hostile,
    down: new Set(),
    fell: [],
    say,
  };
  return {
    world,
    async close() {
      await payments.close();
      await system.stop();
      unregister();
      await Promise.all([kafkaProxy, ...Object.values(postgresProxies)].map((proxy) => proxy.close()));
      await backing.stop();
      release();
      unregisterRelease();
    },
  };
}

/** Represents a shared part, which may be neither ended nor paused here. */
function notOurs(name: string): SupervisedProcess {
  const refuse = async (): Promise<never> => {
    throw new Error(`${name} is shared with other systems`);
  };
  const exited = new Promise<never>(() => {});
  return { name, pid: 0, running: true, exited, stop: refuse, kill: refuse, restart: refuse };
}

async function proxiesOf({ postgres: { url } }: BackingServices): Promise<Record<CoreServiceName, Proxy>> {
  const port = Number(new URL(url).port);
  const proxies = await Promise.all(
    coreServices.map(async (service) => [service, await Proxy.listen(port)] as const),
  );
  return Object.fromEntries(proxies) as Record<CoreServiceName, Proxy>;
}

function withPort(url: string, port: number): string {
  const moved = new URL(url);
  moved.port = String(port);
  return moved.href;
}
