import { connections, pickConnections, type Connections } from './connections.ts';
import { inSeconds, last } from './durations.ts';
import type { Fault } from './fault.ts';

export const cutConnections: Fault<Connections> = {
  name: 'cut-connections',
  does: 'the connections of the services to the broker, or of one service to its database, are cut; new ones are refused for a while',
  on: pickConnections,
  async inject(world, on, random) {
    const { proxy, what } = connections(world, on);
    const refusesMs = random.pick([0, random.whole(500, 6_000)]);
    proxy.isCut = true;
    const count = proxy.cut();
    await last(refusesMs);
    proxy.isCut = false;
    return `${count} ${what}, new ones refused for ${inSeconds(refusesMs)}`;
  },
};
