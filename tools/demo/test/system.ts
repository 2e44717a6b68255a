import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { coreServices, type CoreServiceName } from '@tallystick/contracts';
import {
  freePorts,
  startBackingServices,
  startSystem,
  systemKafkaUsers,
  type BackingServices,
  type System,
} from '@tallystick/stack';
import { environmentOfTestRun } from '@tallystick/stack/testing';
import { startTelemetry, stopTelemetry } from '@tallystick/telemetry';
import { Narrator } from '../src/narrator.ts';
import { openAndFund } from '../src/story/accounts.ts';
import { signEverybodyIn } from '../src/story/people.ts';
import { watch, type World } from '../src/world.ts';

/** The whole system, on separate topics and databases, with people signed in and a funded account. */
export interface RunningSystem {
  world: World;
  system: System;
  backing: BackingServices;
  /** The folder with stack.json. */
  directory: string;
  /** The environment of each service. */
  environments: ReadonlyMap<string, Record<string, string>>;
  /** Returns the metrics of a service, as Prometheus reads them. */
  metricsOf(service: CoreServiceName): Promise<string>;
  /** Returns all log output of the services so far. */
  logs(): string;
  stop(): Promise<void>;
}

/**
 * @param options.tls uses TLS and users of Kafka, on a separate Kafka and Postgres
 * @param options.env further variables of every service
 */
export async function startWholeSystem({
  tls = false,
  env: added = {},
}: { tls?: boolean; env?: Record<string, string> } = {}): Promise<RunningSystem> {
  const directory = mkdtempSync(join(tmpdir(), 'tallystick-system-'));
  const lines: string[] = [];
  const environments = new Map<string, Record<string, string>>();
  const backing = await startBackingServices({
    directory,
    progress: (line) => lines.push(line),
    ...(tls && { tls: { kafkaUsers: systemKafkaUsers } }),
    env: environmentOfTestRun({ tracesOnly: tls }),
  });
  const metricsPorts = await freePorts(coreServices.length);
  const system = await startSystem(backing, {
    directory,
    progress: (line) => lines.push(line),
    adapt: (service, env) => {
      const adapted = {
        ...env,
        OTEL_EXPORTER_PROMETHEUS_PORT: String(
          metricsPorts[coreServices.findIndex((name) => name === service)],
        ),
        ...added,
      };
      environments.set(service, adapted);
      return adapted;
    },
  });
  startTelemetry({ serviceName: 'demo', otlpEndpoint: backing.traces.otlp, tracesPerSecond: 100 });
  const narrator = new Narrator(false, () => {});
  const watching = await watch(system.stackFile);
  const world = { stack: system.stackFile, narrator, watch: watching } as World;
  Object.assign(world, await signEverybodyIn(system.stackFile, narrator));
  await openAndFund(world);
  return {
    world,
    system,
    backing,
    directory,
    environments,
    async metricsOf(service) {
      const answer = await fetch(
        `http://127.0.0.1:${metricsPorts[coreServices.findIndex((name) => name === service)]}/metrics`,
      );
      return answer.text();
    },
    logs: () => {
      const folder = backing.logDirectory;
      return readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .join('\n');
    },
    async stop() {
      await watching.stop();
      await stopTelemetry();
      await system.stop();
      await backing.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Repeats a request until its answer is accepted. */
export async function eventually<T>(
  ask: () => Promise<T>,
  willDo: (answer: T) => boolean,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (willDo(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(
        `not so within ${timeoutMs} ms: ${JSON.stringify(answer, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`,
      );
    await delay(50);
  }
}
