import { bringBack } from '../world.ts';
import { inSeconds, last } from './durations.ts';
import type { Fault } from './fault.ts';

export const killBroker: Fault<'kafka'> = {
  name: 'kill-broker',
  does: 'the broker is killed by SIGKILL and started again a while later',
  on: () => 'kafka',
  async inject(world, part, random) {
    const awayMs = random.whole(0, 5_000);
    world.down.add(part);
    await world.parts[part].kill('SIGKILL');
    await last(awayMs);
    await bringBack(world, part);
    return `${part}, away for ${inSeconds(awayMs)}`;
  },
};
