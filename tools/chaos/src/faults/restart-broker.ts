import { bringBack } from '../world.ts';
import type { Fault } from './fault.ts';

export const restartBroker: Fault = {
  name: 'restart-broker',
  does: 'the broker is stopped in order and started again',
  async inject(world) {
    await bringBack(world, 'kafka');
    return 'kafka';
  },
};
