import { rebuildCommands, rebuildEvents, rebuildKeys } from './rebuild.ts';
import type { Rehearsal } from './rehearsal.ts';
import { restoreAll, restoreOne } from './restore.ts';

/** Every rehearsal, in order of execution. */
export const rehearsals: readonly Rehearsal[] = [
  restoreAll,
  ...restoreOne,
  rebuildCommands,
  rebuildEvents,
  rebuildKeys,
];
