import { setTimeout as delay } from 'node:timers/promises';
import type { World } from '@tallystick/chaos';
import { coreServices, type CoreServiceName } from '@tallystick/contracts';
import { Backup } from '../backup.ts';
import { changeOverHttp } from '../http-changes.ts';
import type { Rehearsal } from './rehearsal.ts';

/** All databases return to the same point, as if they shared a cluster. */
export const restoreAll = restore('restore-all', coreServices);

/** One database returns to an earlier point, the others do not, as if each service had a separate cluster. */
export const restoreOne: readonly Rehearsal[] = coreServices.map((service) =>
  restore(`restore-${service}`, [service]),
);

function restore(name: string, lost: readonly CoreServiceName[]): Rehearsal {
  const whose = lost.length === 1 ? `${lost[0]}'s database is` : 'all databases are';
  return {
    name,
    does: `${whose} lost and restored to an earlier point; Kafka keeps the later messages`,
    async run(world, pauseMs) {
      const backup = await Backup.begin(world);
      await delay(pauseMs);
      world.say('Taking a base backup while payments continue');
      await backup.take();
      await delay(pauseMs);
      const moment = await backup.now();
      world.say(`Point of the restore: ${moment.toISOString()}`);
      const changed = await changeOverHttp(world);
      await delay(pauseMs);
      await backup.archived();
      await delay(pauseMs);
      world.payments.http.answersMayBeLost = true;
      world.say(`Losing ${lost.length === 1 ? `the database of ${lost[0]}` : 'Postgres'}`);
      await lose(world, lost);
      await Promise.all(lost.map((service) => world.parts[service].stop()));
      world.say('Restoring');
      const { url } = await backup.restoreTo(moment);
      for (const service of lost) pointTo(world, service, Number(new URL(url).port));
      await Promise.all(lost.map((service) => world.parts[service].restart()));
      world.say('The services are ready');
      await delay(pauseMs);
      return changed.objections();
    },
  };
}

async function lose(world: World, lost: readonly CoreServiceName[]): Promise<void> {
  if (lost.length === coreServices.length) {
    await world.parts.postgres.kill('SIGKILL');
    return;
  }
  for (const service of lost) {
    world.proxies.postgres[service].isCut = true;
    world.proxies.postgres[service].cut();
  }
}

/** Moves the service's database to another address, for the service and for checks. */
function pointTo(world: World, service: CoreServiceName, port: number): void {
  const proxy = world.proxies.postgres[service];
  proxy.targetPort = port;
  proxy.isCut = false;
  const moved = new URL(world.stack.postgres[service]!);
  moved.port = String(port);
  world.stack.postgres[service] = moved.href;
}
