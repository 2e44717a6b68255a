export { lookAt, type PromiseResult } from './look-at-promises.ts';
export { openWorld } from './open-world.ts';
export { promises } from './promises/index.ts';
export { Random } from './random.ts';
export { bringBack, type World } from './world.ts';
