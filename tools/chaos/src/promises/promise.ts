import { holdsUnless, type Check } from '@tallystick/load';
import type { World } from '../world.ts';

/** Something that the system keeps, whatever went wrong. */
export interface SystemPromise {
  /** In words that are true when it holds. */
  name: string;
  /** Asked when all is healed and the system has come to rest; again for a while where it does not hold yet. */
  holds(world: World): Promise<{ held: boolean; detail?: string | undefined }>;
}

/** A promise that holds unless something speaks against it. */
export function promise(name: string, objections: (world: World) => Promise<string[]>): SystemPromise {
  return {
    name,
    async holds(world) {
      const { holds, detail } = holdsUnless(await objections(world));
      return { held: holds, detail };
    },
  };
}

/** A check of the load tool as a promise. */
export function promiseOf(name: string, check: Check): SystemPromise {
  return {
    name,
    async holds({ stack, operator, book: { orders } }) {
      const { holds, detail } = await check({ stack, operator, orders, quarantined: 0 });
      return { held: holds, detail };
    },
  };
}
