import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWorld, type World } from '@tallystick/attack';
import { startBackingServices, startSystem, type System } from '@tallystick/stack';

/** The whole system on the Kafka and Postgres of the test run, with people signed in and accounts opened. */
export interface RunningSystem {
  world: World;
  system: System;
  stop(): Promise<void>;
}

/** Starts the four services with separate topics and databases. */
export async function startRunningSystem(): Promise<RunningSystem> {
  const directory = mkdtempSync(join(tmpdir(), 'tallystick-fuzz-'));
  const backing = await startBackingServices({
    directory,
    progress: () => {},
    env: {
      ...process.env,
      KAFKA_BROKERS: process.env['TEST_KAFKA_BROKERS'],
      POSTGRES_URL: process.env['TEST_POSTGRES_URL'],
      OTEL_EXPORTER_OTLP_ENDPOINT: process.env['TEST_TRACES_OTLP'],
      JAEGER_QUERY_URL: process.env['TEST_TRACES_QUERY'],
    },
  });
  const system = await startSystem(backing, {
    directory,
    progress: () => {},
    adapt: (_service, env) => ({ ...env, REQUESTS_PER_SECOND_MAX: '100000' }),
  });
  const { world, close } = await openWorld(system.stackFile, undefined);
  return {
    world,
    system,
    async stop() {
      await close();
      await system.stop();
      await backing.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
