import { connections, pickConnections, type Connections } from './connections.ts';
import { inSeconds, last } from './durations.ts';
import type { Fault } from './fault.ts';

export const slowConnections: Fault<Connections> = {
  name: 'slow-connections',
  does: 'the connections of the services to the broker, or of one service to its database, are delayed in both directions',
  on: pickConnections,
  async inject(world, on, random) {
    const { proxy, what } = connections(world, on);
    const lastsMs = random.whole(2_000, 8_000);
    proxy.delayMs = random.pick([20, 100, 400]);
    const { delayMs } = proxy;
    await last(lastsMs);
    proxy.delayMs = 0;
    return `${what}, ${delayMs} ms in each direction for ${inSeconds(lastsMs)}`;
  },
};
