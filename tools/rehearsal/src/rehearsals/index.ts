import { rebuildCommands, rebuildEvents, rebuildKeys } from './rebuild.ts';
import type { Rehearsal } from './rehearsal.ts';
import { restoreAll, restoreOne } from './restore.ts';

/** Every rehearsal, in the order in which they run. */
export const rehearsals: readonly Rehearsal[] = [
  restoreAll,
  ...restoreOne,
  rebuildCommands,
  rebuildEvents,
  rebuildKeys,
];
