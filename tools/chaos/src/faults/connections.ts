import { coreServices, type CoreServiceName } from '@tallystick/contracts';
import type { Proxy } from '../proxy.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

/** The connections of the services to the broker, or of one service to its database. */
export type Connections = `connections of ${'kafka' | CoreServiceName}`;

export function pickConnections(random: Random): Connections {
  return `connections of ${random.pick(['kafka', ...coreServices] as const)}`;
}

/** Returns the proxy of these connections, and a description of them. */
export function connections(
  { proxies }: Pick<World, 'proxies'>,
  on: Connections,
): { proxy: Proxy; what: string } {
  const of = on.slice('connections of '.length) as 'kafka' | CoreServiceName;
  return of === 'kafka'
    ? { proxy: proxies.kafka, what: 'to the broker' }
    : { proxy: proxies.postgres[of], what: `of ${of} to its database` };
}
