import type { Random } from '../random.ts';
import { bringBack, type PartName, type World } from '../world.ts';
import { inSeconds, last } from './durations.ts';

/** Kills a part by SIGKILL and starts it again later. */
export async function killPart(world: World, part: PartName, random: Random): Promise<string> {
  const awayMs = random.whole(0, 5_000);
  world.down.add(part);
  await world.parts[part].kill('SIGKILL');
  await last(awayMs);
  await bringBack(world, part);
  return `${part}, away for ${inSeconds(awayMs)}`;
}
