import { holdsUnless, type Check } from '@tallystick/load';
import type { World } from '../world.ts';

/** A property that the system keeps under all faults. */
export interface SystemPromise {
  /** A sentence that is true if it holds. */
  name: string;
  /** Called when all faults are over and the system is at rest; repeated for a while if it does not hold yet. */
  holds(world: World): Promise<{ held: boolean; detail?: string | undefined }>;
}

/** Creates a promise that holds unless there are objections. */
export function promise(name: string, objections: (world: World) => Promise<string[]>): SystemPromise {
  return {
    name,
    async holds(world) {
      const { holds, detail } = holdsUnless(await objections(world));
      return { held: holds, detail };
    },
  };
}

/** Creates a promise from a check of the load tool. */
export function promiseOf(name: string, check: Check): SystemPromise {
  return {
    name,
    async holds({ stack, operators, book: { orders } }) {
      const { holds, detail } = await check({ stack, operators, orders, quarantined: async () => 0 });
      return { held: holds, detail };
    },
  };
}
