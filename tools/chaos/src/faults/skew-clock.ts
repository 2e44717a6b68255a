import type { CoreServiceName } from '@tallystick/contracts';
import { bringBack } from '../world.ts';
import { inSeconds, last, pickService } from './durations.ts';
import type { Fault } from './fault.ts';

const PROGRAM = new URL('../skewed-clock.ts', import.meta.url).href;
/**
 * Below the 15 s by which a service's clock may differ from its database's at the start; the query itself takes time.
 */
const WITHIN_MS = 12_000;

export const skewClock: Fault<CoreServiceName> = {
  name: 'skew-clock',
  does: 'a service runs with a clock that is off by up to 12 s, which is tolerated',
  on: pickService,
  async inject(world, part, random) {
    const skewMs = random.pick([-1, 1]) * random.whole(2_000, WITHIN_MS);
    const lastsMs = random.whole(4_000, 10_000);
    await bringBack(world, part, {
      NODE_OPTIONS: `--import=${PROGRAM}`,
      TALLYSTICK_CLOCK_SKEW_MS: String(skewMs),
    });
    await last(lastsMs);
    await bringBack(world, part);
    return `${part} by ${inSeconds(skewMs)}, for ${inSeconds(lastsMs)}`;
  },
};
