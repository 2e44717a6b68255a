import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWorld, type World } from '@tallystick/attack';
import { startBackingServices, startSystem, type System } from '@tallystick/stack';
import { environmentOfTestRun } from '@tallystick/stack/testing';

/** The whole system on the Kafka and Postgres of the test run, with people signed in and accounts opened. */
export interface RunningSystem {
  world: World;
  system: System;
  stop(): Promise<void>;
}

/** Starts the services with separate topics and databases. @param options.console whether the console runs too */
export async function startRunningSystem(options: { console?: boolean } = {}): Promise<RunningSystem> {
  const directory = mkdtempSync(join(tmpdir(), 'tallystick-fuzz-'));
  const backing = await startBackingServices({
    directory,
    progress: () => {},
    env: environmentOfTestRun(),
  });
  const system = await startSystem(backing, {
    directory,
    progress: () => {},
    console: options.console === true,
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
