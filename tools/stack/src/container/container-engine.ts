import { isIP } from 'node:net';
import type { ContainerRuntimeClient } from 'testcontainers';

import { messageOf } from '../errors.ts';
import type { RunOwner } from '../process/run.ts';

/** A container engine that answers. */
export interface Engine {
  client: ContainerRuntimeClient;
  /** where the ports of containers are reached */
  host: string;
  /** on every container of this run, so that the next run finds those of a run that was killed */
  labels: Record<string, string>;
  /** whether Testcontainers' own reaper watches over the containers */
  reaper: boolean;
}

/**
 * Looks for a container engine, as Testcontainers does: its own settings, DOCKER_HOST, the usual sockets.
 *
 * @param owner whose run it is
 * @returns null when none answers
 */
export async function findEngine(owner: RunOwner): Promise<Engine | null> {
  // it is a large library, of no use where all services are named or local processes are forced
  const { getContainerRuntimeClient, getReaper } = await import('testcontainers');
  let client: ContainerRuntimeClient;
  try {
    client = await getContainerRuntimeClient();
  } catch {
    // Testcontainers has tried every way it knows and has one error for: none of them works
    return null;
  }
  const { host } = client.info.containerRuntime;
  return {
    client,
    // `localhost` may mean ::1 first, where nothing is bound
    host: host === 'localhost' ? '127.0.0.1' : host,
    labels: { [OWNER_LABEL]: JSON.stringify(owner) },
    // without its image it cannot start, and the labels do its work at the next start
    reaper: await getReaper(client).then(
      () => true,
      () => false,
    ),
  };
}

export const OWNER_LABEL = 'tallystick.owner';

/** Whether the engine's containers are reached at an address of this machine only. */
export function isLocal(engine: Engine): boolean {
  return isIP(engine.host) === 4 && engine.host.startsWith('127.');
}

/**
 * Makes sure that the engine has an image, from its registry if need be.
 *
 * @param timeoutMs how long that may take
 * @throws Error that says why it cannot be had
 */
export async function obtainImage(
  engine: Engine,
  image: string,
  timeoutMs: number,
  progress: (line: string) => void,
): Promise<void> {
  const { ImageName } = await import('testcontainers');
  const name = ImageName.fromString(image);
  if (await engine.client.image.exists(name)) return;
  progress(`Pulling the image ${image} (once)`);
  const timer = Promise.withResolvers<never>();
  const timeout = setTimeout(
    () => timer.reject(new Error(`the image ${image} is not there after ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    await Promise.race([engine.client.image.pull(name), timer.promise]);
  } catch (error) {
    throw new Error(`the image ${image} cannot be had (${messageOf(error)})`, { cause: error });
  } finally {
    clearTimeout(timeout);
  }
  // a pull that breaks off in the middle ends without an error
  await engine.client.container.dockerode.getImage(image).inspect();
}
