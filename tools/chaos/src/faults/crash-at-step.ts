import { bringBack } from '../world.ts';
import { inSeconds, last, pickMovingService, type MovingService } from './durations.ts';
import type { Fault } from './fault.ts';

const STEPS = ['before_commit', 'after_commit', 'before_publish', 'after_publish'] as const;
const REACHED_WITHIN_MS = 15_000;

export const crashAtStep: Fault<MovingService> = {
  name: 'crash-at-step',
  does: 'a service is killed at a named step between a decision and the broker: before or after its commit or its publish',
  on: pickMovingService,
  async inject(world, part, random) {
    const step = random.pick(STEPS);
    const awayMs = random.whole(0, 3_000);
    await bringBack(world, part, { TALLYSTICK_CRASH_AT: `${step}:${random.whole(1, 40)}` });
    world.down.add(part);
    const began = performance.now();
    const reached = await Promise.race([
      world.parts[part].exited.then(() => true),
      last(REACHED_WITHIN_MS).then(() => false),
    ]);
    const afterMs = performance.now() - began;
    if (reached) await last(awayMs);
    await bringBack(world, part);
    return reached
      ? `${part} ${step}, after ${inSeconds(afterMs)}`
      : `${part} ${step}, which was not reached`;
  },
};
