import { services } from '@tallystick/contracts';
import { inSeconds, last } from './durations.ts';
import type { Fault } from './fault.ts';

export const cutConnections: Fault = {
  name: 'cut-connections',
  does: 'the connections of the services to the broker, or of one of them to its database, are cut, and for a while none is taken',
  async inject({ proxies }, random) {
    const to = random.pick(['kafka', ...services] as const);
    const proxy = to === 'kafka' ? proxies.kafka : proxies.postgres[to];
    const refusesMs = random.pick([0, random.whole(500, 6_000)]);
    proxy.isCut = true;
    const count = proxy.cut();
    await last(refusesMs);
    proxy.isCut = false;
    const what = to === 'kafka' ? 'to the broker' : `of ${to} to its database`;
    return `${count} ${what}, none taken for ${inSeconds(refusesMs)}`;
  },
};
