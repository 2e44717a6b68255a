import { inSeconds, last } from './durations.ts';
import type { Fault } from './fault.ts';
import { signalTree } from './signal-tree.ts';

export const pauseBroker: Fault<'kafka'> = {
  name: 'pause-broker',
  does: 'the broker hangs (SIGSTOP), and goes on where it was (SIGCONT)',
  on: () => 'kafka',
  async inject(world, part, random) {
    const hangsMs = random.whole(1_000, 12_000);
    const { pid } = world.parts[part];
    signalTree(pid, 'SIGSTOP');
    await last(hangsMs);
    signalTree(pid, 'SIGCONT');
    return `${part}, for ${inSeconds(hangsMs)}`;
  },
};
