import {
  claimDirectory,
  removeStackFile,
  stackFilePath,
  startBackingServices,
  startSystem,
  stopOnExit,
  systemKafkaUsers,
  writeStackFile,
} from '@tallystick/stack';
import type { DemoFlags } from './command.ts';
import type { Stage } from './stage.ts';

/** Starts a system in this process, and describes it in a stack.json. */
export async function startOwnSystem(
  { directory, tls }: DemoFlags,
  progress: (line: string) => void,
): Promise<Stage> {
  const release = claimDirectory(directory);
  stopOnExit(async () => release());
  const backing = await startBackingServices({
    directory,
    progress,
    ...(tls === true && { tls: { kafkaUsers: systemKafkaUsers } }),
  });
  const system = await startSystem(backing, { directory, progress, console: true });
  const path = stackFilePath(directory);
  const stopSystem = async (): Promise<void> => {
    removeStackFile(path);
    await system.stop();
  };
  stopOnExit(stopSystem);
  writeStackFile(path, system.stackFile);
  return {
    stack: system.stackFile,
    traces: backing.traces,
    remains: `Everything else is in ${path}. Ctrl-C stops it all.`,
    isOurs: true,
    async stop() {
      await stopSystem();
      await backing.stop();
      release();
    },
  };
}
