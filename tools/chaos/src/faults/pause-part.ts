import type { Random } from '../random.ts';
import type { PartName, World } from '../world.ts';
import { inSeconds, last } from './durations.ts';
import { signalTree } from './signal-tree.ts';

/** Lets a part hang for a while: it answers nothing, and goes on where it was. */
export async function pausePart(world: World, part: PartName, random: Random): Promise<string> {
  const hangsMs = random.whole(1_000, 12_000);
  const { pid } = world.parts[part];
  signalTree(pid, 'SIGSTOP');
  await last(hangsMs);
  signalTree(pid, 'SIGCONT');
  return `${part}, for ${inSeconds(hangsMs)}`;
}
