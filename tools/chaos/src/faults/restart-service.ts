import { bringBack } from '../world.ts';
import { pickService } from './durations.ts';
import type { Fault } from './fault.ts';

export const restartService: Fault = {
  name: 'restart-service',
  does: 'a service is stopped in order and started again',
  async inject(world, random) {
    const part = pickService(random);
    await bringBack(world, part);
    return part;
  },
};
