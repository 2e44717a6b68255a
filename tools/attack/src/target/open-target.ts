import {
  claimDirectory,
  readStackFile,
  SettingError,
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
 * Opens the running system of a stack file, or starts one. Its own has private transport by default, so that each
 * program has a user and rights on the broker.
 */
export async function openTarget(
  {
    stack,
    directory,
    tls = true,
    env: added = {},
  }: {
    stack?: string | undefined;
    directory: string;
    tls?: boolean;
    /** Further variables of every service of a system that this starts. */
    env?: Record<string, string>;
  },
  say: (line: string) => void,
): Promise<Target> {
  if (stack !== undefined) {
    const running = readStackFile(stack);
    if (running.services.console === undefined)
      throw new SettingError(`${stack}: the stack runs without the console, which is attacked too`);
    trustAuthority(running);
    return { stack: running, restart: undefined, stop: async () => {} };
  }
  const release = claimDirectory(directory);
  stopOnExit(async () => release());
  const backing = await startBackingServices({
    directory,
    progress: say,
    traces: 'sink',
    ...(tls && { tls: { kafkaUsers: systemKafkaUsers } }),
  });
  const adapt = (_service: string, env: Record<string, string>) => ({ ...env, ...added });
  const system = await startSystem(backing, { directory, progress: say, adapt, console: true });
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
