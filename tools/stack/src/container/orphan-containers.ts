import { types } from 'node:util';

import { isOrphaned, ownerSchema, type RunOwner } from '../process/run.ts';
import { OWNER_LABEL, type Engine } from './container-engine.ts';

const NOT_FOUND = 404;
const BEING_REMOVED = 409;

/**
 * Removes the containers of runs whose own process was killed, which matters where Testcontainers' reaper does not
 * run.
 *
 * @param progress gets a line when there were any
 */
export async function removeOrphanContainers(
  engine: Engine,
  progress: (line: string) => void,
): Promise<void> {
  const removed = await removeContainers(engine, isOrphaned);
  if (removed.length > 0) progress(`Removed the containers of a killed run: ${removed.join(', ')}`);
}

/** Removes what is left of one run's containers, among them any whose start was broken off. */
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
    // another start, or the reaper, is removing it too
    if (status !== NOT_FOUND && status !== BEING_REMOVED) throw error;
  }
}
