import { bringBack } from '../world.ts';
import type { Fault } from './fault.ts';

export const restartBroker: Fault<'kafka'> = {
  name: 'restart-broker',
  does: 'the broker is stopped gracefully and restarted',
  on: () => 'kafka',
  async inject(world, part) {
    await bringBack(world, part);
    return part;
  },
};
