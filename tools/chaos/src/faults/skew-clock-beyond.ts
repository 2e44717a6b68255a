import { bringBack } from '../world.ts';
import { inSeconds, last, pickMovingService, type MovingService } from './durations.ts';
import type { Fault } from './fault.ts';

const PROGRAM = new URL('../skewed-clock.ts', import.meta.url).href;

export const skewClockBeyond: Fault<MovingService> = {
  name: 'skew-clock-beyond',
  does: 'a service starts with a clock that is off by more than the tolerated 15 s, and must not serve',
  on: pickMovingService,
  async inject(world, part, random) {
    const skewMs = random.pick([-1, 1]) * random.whole(20_000, 300_000);
    const lastsMs = random.whole(3_000, 6_000);
    world.down.add(part);
    const served = await world.parts[part]
      .restart({ NODE_OPTIONS: `--import=${PROGRAM}`, TALLYSTICK_CLOCK_SKEW_MS: String(skewMs) })
      .then(
        () => true,
        () => false,
      );
    if (served) await last(lastsMs);
    await bringBack(world, part);
    return `${part} by ${inSeconds(skewMs)}, ${served ? `which served for ${inSeconds(lastsMs)}` : 'which did not serve'}`;
  },
};
