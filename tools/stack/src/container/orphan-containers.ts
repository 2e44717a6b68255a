import { types } from 'node:util';

import { isOrphaned, ownerSchema, type RunOwner } from '../process/run.ts';
import { OWNER_LABEL, type Engine } from './container-engine.ts';

const NOT_FOUND = 404;
const BEING_REMOVED = 409;

/**
 * Removes containers of runs whose process was killed. Needed if Testcontainers' reaper does not run.
 *
 * @param progress called with a line if there were any
 */
export async function removeOrphanContainers(
  engine: Engine,
  progress: (line: string) => void,
): Promise<void> {
  const removed = await removeContainers(engine, isOrphaned);
  if (removed.length > 0) progress(`Removed the containers of a killed run: ${removed.join(', ')}`);
}

/** Removes the remaining containers of one run, including any whose start was interrupted. */
export async function removeContainersOf(engine: Engine, owner: RunOwner): Promise<void> {
  await removeContainers(engine, ({ id }) => id === owner.id);
}

async function removeContainers(engine: Engine, chosen: (owner: RunOwner) => boolean): Promise<string[]> {
  const { dockerode } = engine.client.container;
  const all = await dockerode.listContainers({ all: true, filters: { label: [OWNER_LABEL] } });
  const some = all.filter(({ Labels }) => chosen(ownerSchema.parse(JSON.parse(Labels[OWNER_LABEL] ?? ''))));
  await Promise.all(some.map(({ Id }) => remove(dockerode.getContainer(Id))));
  return some.map(({ Image }) => Image);
}

async function remove(container: { remove(options: object): Promise<unknown> }): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    const status = types.isNativeError(error) && 'statusCode' in error ? error.statusCode : null;
    // another start, or the reaper, is removing it at the same time
    if (status !== NOT_FOUND && status !== BEING_REMOVED) throw error;
  }
}
