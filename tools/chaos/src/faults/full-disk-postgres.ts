import { onDatabase } from '@tallystick/load';
import { stopOnExit } from '@tallystick/stack';
import { bringBack, type World } from '../world.ts';
import { inSeconds, last } from './durations.ts';
import type { Fault } from './fault.ts';
import { SmallDisk } from './small-disk.ts';

/** Free space in addition to the data until the disk is filled up, for several segments of the log. */
const FREE_MEGABYTES = 96;
/** Time on the small disk after the space is freed, in which Postgres must continue without help. */
const GOES_ON_MS = 2_000;

export const fullDiskPostgres: Fault<'postgres'> = {
  name: 'full-disk-postgres',
  does: 'Postgres is moved to a small disk, which fills up and later has space again (requires Linux and root)',
  on: () => 'postgres',
  async inject(world, part, random) {
    const leftKb = random.pick([0, random.whole(8, 2_048)]);
    const fullMs = random.whole(3_000, 9_000);
    const { [part]: postgres } = world.parts;
    const directory = await dataDirectory(world);
    const disk = await SmallDisk.mount(directory, FREE_MEGABYTES);
    const unregister = stopOnExit(async () => {
      await postgres.stop();
      await disk.unmount();
    });
    world.down.add(part);
    try {
      await postgres.stop();
      await disk.moveIn(directory);
      await bringBack(world, part);
      // From now on it may end at any time.
      world.down.add(part);
      await disk.fill(leftKb * 1_024);
      const gaveUp = await Promise.race([postgres.exited.then(() => true), last(fullMs).then(() => false)]);
      await disk.empty();
      if (gaveUp) await bringBack(world, part);
      await last(GOES_ON_MS);
      return `with ${leftKb} KB left for ${inSeconds(fullMs)}, ${gaveUp ? 'then Postgres stopped' : 'and Postgres kept running'}`;
    } finally {
      world.down.add(part);
      await postgres.stop();
      await disk.moveOut(directory);
      await disk.unmount();
      unregister();
      await bringBack(world, part);
    }
  },
};

async function dataDirectory({ backing }: World): Promise<string> {
  const [row] = await onDatabase(backing.postgres.url, (query) =>
    query<{ data_directory: string }>('SHOW data_directory'),
  );
  return row!.data_directory;
}
