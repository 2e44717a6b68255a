import type { Random } from '../random.ts';
import type { PartName, World } from '../world.ts';
import { inSeconds, last } from './durations.ts';
import { signalTree } from './signal-tree.ts';

/** Pauses a part for a while: it does not respond, and then continues from the same state. */
export async function pausePart(world: World, part: PartName, random: Random): Promise<string> {
  const hangsMs = random.whole(1_000, 12_000);
  const { pid } = world.parts[part];
  signalTree(pid, 'SIGSTOP');
  await last(hangsMs);
  signalTree(pid, 'SIGCONT');
  return `${part}, for ${inSeconds(hangsMs)}`;
}
