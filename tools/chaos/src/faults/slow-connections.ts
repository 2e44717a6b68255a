import { services } from '@tallystick/contracts';
import { inSeconds, last } from './durations.ts';
import type { Fault } from './fault.ts';

export const slowConnections: Fault = {
  name: 'slow-connections',
  does: 'what the services say to the broker, or one of them to its database, and hear from it, is held back',
  async inject({ proxies }, random) {
    const to = random.pick(['kafka', ...services] as const);
    const proxy = to === 'kafka' ? proxies.kafka : proxies.postgres[to];
    const lastsMs = random.whole(2_000, 8_000);
    proxy.delayMs = random.pick([20, 100, 400]);
    const { delayMs } = proxy;
    await last(lastsMs);
    proxy.delayMs = 0;
    const what = to === 'kafka' ? 'to the broker' : `of ${to} to its database`;
    return `${what}, ${delayMs} ms each way for ${inSeconds(lastsMs)}`;
  },
};
