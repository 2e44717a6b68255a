import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bringBack } from '../world.ts';
import { inSeconds, last } from './durations.ts';
import type { Fault } from './fault.ts';

const run = promisify(execFile);
const GIVES_UP_WITHIN_MS = 10_000;

export const fullDisk: Fault<'kafka'> = {
  name: 'full-disk',
  does: 'the broker cannot write to its log, as on a full disk, stops, and is restarted with free space',
  on: () => 'kafka',
  async inject(world, part, random) {
    const { [part]: kafka } = world.parts;
    const awayMs = random.whole(0, 3_000);
    world.down.add('kafka');
    // No file may grow beyond this size: every append fails, and other programs of this machine are unaffected.
    await run('prlimit', ['--pid', String(kafka.pid), '--fsize=1024:']);
    const gaveUp = await Promise.race([
      kafka.exited.then(() => true),
      last(GIVES_UP_WITHIN_MS).then(() => false),
    ]);
    if (!gaveUp) await run('prlimit', ['--pid', String(kafka.pid), '--fsize=unlimited:']);
    else await last(awayMs);
    await bringBack(world, 'kafka');
    return gaveUp
      ? `of the broker, which stopped, down for ${inSeconds(awayMs)}`
      : 'of the broker, which kept running';
  },
};
