import type { ServiceName } from '@tallystick/contracts';
import { bringBack } from '../world.ts';
import { inSeconds, last, pickService } from './durations.ts';
import type { Fault } from './fault.ts';

export const killService: Fault<ServiceName> = {
  name: 'kill-service',
  does: 'a service is killed by SIGKILL and started again a while later',
  on: pickService,
  async inject(world, part, random) {
    const awayMs = random.whole(0, 5_000);
    world.down.add(part);
    await world.parts[part].kill('SIGKILL');
    await last(awayMs);
    await bringBack(world, part);
    return `${part}, away for ${inSeconds(awayMs)}`;
  },
};
