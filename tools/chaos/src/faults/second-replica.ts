import { inSeconds, last, pickMovingService, type MovingService } from './durations.ts';
import type { Fault } from './fault.ts';

export const secondReplica: Fault<MovingService> = {
  name: 'second-replica',
  does: 'a second replica of a service joins, shares its partitions, and leaves gracefully or by SIGKILL',
  on: pickMovingService,
  async inject({ system }, service, random) {
    const staysMs = random.whole(3_000, 9_000);
    const killed = random.chance(0.5);
    const replica = await system.startReplica(service);
    await last(staysMs);
    if (killed) await replica.kill('SIGKILL');
    else await replica.stop();
    return `of ${service}, for ${inSeconds(staysMs)}, ${killed ? 'killed' : 'stopped'}`;
  },
};
