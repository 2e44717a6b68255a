import {
  claimDirectory,
  readStackFile,
  startBackingServices,
  startSystem,
  stopOnExit,
  systemKafkaUsers,
  trustAuthority,
  type StackFile,
} from '@tallystick/stack';
import type { World } from './world.ts';

/** The attacked system: started by this tool, or already running. */
export interface Target {
  stack: StackFile;
  restart: World['restart'];
  stop(): Promise<void>;
}

/**
 * Opens the running system of a stack file, or starts one. Its own has private transport, so that each program has a
 * user and rights on the broker.
 */
export async function openTarget(
  { stack, directory }: { stack?: string | undefined; directory: string },
  say: (line: string) => void,
): Promise<Target> {
  if (stack !== undefined) {
    const running = readStackFile(stack);
    trustAuthority(running);
    return { stack: running, restart: undefined, stop: async () => {} };
  }
  const release = claimDirectory(directory);
  stopOnExit(async () => release());
  const backing = await startBackingServices({
    directory,
    progress: say,
    traces: 'sink',
    tls: { kafkaUsers: systemKafkaUsers },
  });
  const system = await startSystem(backing, { directory, progress: say });
  stopOnExit(() => system.stop());
  return {
    stack: system.stackFile,
    restart: (service) => system.processes[service].restart(),
    async stop() {
      await system.stop();
      await backing.stop();
      release();
    },
  };
}
