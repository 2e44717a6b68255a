import { isIP } from 'node:net';
import type { ContainerRuntimeClient } from 'testcontainers';

import { messageOf } from '../errors.ts';
import type { RunOwner } from '../process/run.ts';

/** A container engine that responds. */
export interface Engine {
  client: ContainerRuntimeClient;
  /** the host on which ports of containers are reachable */
  host: string;
  /** set on every container of this run, so that the next run finds the containers of a killed run */
  labels: Record<string, string>;
  /** whether Testcontainers' own reaper removes the containers */
  reaper: boolean;
}

/**
 * Finds a container engine as Testcontainers does: its own settings, DOCKER_HOST, the usual sockets.
 *
 * @param owner the owner of the run
 * @returns null if no engine responds
 */
export async function findEngine(owner: RunOwner): Promise<Engine | null> {
  // loaded lazily: a large library, not needed if all services are named or local processes are forced
  const { getContainerRuntimeClient, getReaper } = await import('testcontainers');
  let client: ContainerRuntimeClient;
  try {
    client = await getContainerRuntimeClient();
  } catch {
    // Testcontainers tries every way it knows, and throws a single error if none works
    return null;
  }
  const { host } = client.info.containerRuntime;
  return {
    client,
    // `localhost` may resolve to ::1 first, where nothing is bound
    host: host === 'localhost' ? '127.0.0.1' : host,
    labels: { [OWNER_LABEL]: JSON.stringify(owner) },
    // without its image the reaper cannot start; the labels replace it at the next start
    reaper: await getReaper(client).then(
      () => true,
      () => false,
    ),
  };
}

export const OWNER_LABEL = 'tallystick.owner';

/** Whether the engine's containers are reachable at a loopback address only. */
export function isLocal(engine: Engine): boolean {
  return isIP(engine.host) === 4 && engine.host.startsWith('127.');
}

/**
 * Ensures that the engine has an image, and pulls it if necessary.
 *
 * @param timeoutMs longest duration of the pull
 * @throws Error with the reason if the image is unavailable
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
    () => timer.reject(new Error(`the image ${image} was not pulled within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    await Promise.race([engine.client.image.pull(name), timer.promise]);
  } catch (error) {
    throw new Error(`the image ${image} is unavailable (${messageOf(error)})`, { cause: error });
  } finally {
    clearTimeout(timeout);
  }
  // a pull that is interrupted ends without an error
  await engine.client.container.dockerode.getImage(image).inspect();
}
