import type { CoreServiceName } from '@tallystick/contracts';
import { bringBack } from '../world.ts';
import { pickService } from './durations.ts';
import type { Fault } from './fault.ts';

export const restartService: Fault<CoreServiceName> = {
  name: 'restart-service',
  does: 'a service is stopped gracefully and restarted',
  on: pickService,
  async inject(world, part) {
    await bringBack(world, part);
    return part;
  },
};
