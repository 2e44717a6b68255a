import { coreServices } from '@tallystick/contracts';
import { startSystem, stopOnExit, type BackingServices } from '@tallystick/stack';
import type { Bench } from './rates.ts';

/** Apart from the topics of other benches, whose records have keys that this system does not know. */
const TOPIC_PREFIX = 'start.';

/**
 * Measures the time from the start of each service's process until it is ready: keys read, migrations current, group
 * joined.
 */
export function startBench(
  backing: () => Promise<{ backing: BackingServices; directory: string; say: (line: string) => void }>,
): Bench {
  return {
    name: 'start',
    summary: 'each service, from process start to ready',
    async run(use) {
      const { backing: on, directory, say } = await backing();
      const system = await startSystem(on, {
        directory,
        progress: say,
        code: 'built',
        topicPrefix: TOPIC_PREFIX,
      });
      const unregister = stopOnExit(() => system.stop());
      try {
        await use(
          coreServices.map((name) => ({
            name: `start of ${name}`,
            unit: 'ms to ready',
            async round() {
              await system.processes[name].stop();
              const began = performance.now();
              await system.processes[name].restart();
              return performance.now() - began;
            },
          })),
        );
      } finally {
        await system.stop();
        unregister();
      }
    },
  };
}
