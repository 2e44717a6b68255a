import type { BackingSettings } from './backing-settings.ts';
import type { Surroundings } from './backing.ts';
import { findEngine, obtainImage, type Engine } from './container/container-engine.ts';
import { removeContainersOf, removeOrphanContainers } from './container/orphan-containers.ts';
import { messageOf, PrerequisiteError } from './errors.ts';

/** Enough for any image; if a local start is possible, a slower pull is not worth the wait. */
const PULL_TIMEOUT_MS = { container: 900_000, auto: 60_000 };

/** The start functions of one service, for each way to run it. */
export interface Ways<T> {
  name: string;
  image: string;
  container: (engine: Engine) => Promise<T>;
  process: () => Promise<T>;
}

export interface Starter {
  /** Starts a service in a container if an engine responds, else as a process of this machine. */
  start<T>(ways: Ways<T>): Promise<T>;
  /** Removes the remaining containers of this run. */
  removeContainers(): Promise<void>;
}

/**
 * Decides once for all services whether to use a container engine.
 *
 * @param settings TALLYSTICK_BACKING forces a way
 * @throws PrerequisiteError if containers are forced and no engine responds
 */
export function starter(settings: BackingSettings, around: Surroundings): Starter {
  const way = settings.TALLYSTICK_BACKING;
  let engine: Promise<Engine | null> | null = null;
  const engineOnce = () => (engine ??= way === 'process' ? Promise.resolve(null) : connect(around));
  return {
    start: async (ways) => {
      const found = await engineOnce();
      if (found !== null) return inContainer(found, ways, way === 'container', around.progress);
      if (way !== 'container') return ways.process();
      throw new PrerequisiteError(
        'TALLYSTICK_BACKING is container, but no container engine answers: start Docker or Podman, or set TALLYSTICK_BACKING to process.',
      );
    },
    removeContainers: async () => {
      const found = await engine;
      if (found !== null) await removeContainersOf(found, around.run.owner);
    },
  };
}

async function inContainer<T>(
  engine: Engine,
  ways: Ways<T>,
  forced: boolean,
  progress: (line: string) => void,
): Promise<T> {
  try {
    await obtainImage(engine, ways.image, PULL_TIMEOUT_MS[forced ? 'container' : 'auto'], progress);
    return await ways.container(engine);
  } catch (error) {
    const reason = messageOf(error).replaceAll(/\s+/g, ' ').replaceAll(' )', ')');
    if (forced) {
      throw new PrerequisiteError(`${ways.name} does not start in a container: ${reason}.`, { cause: error });
    }
    progress(
      `${ways.name} does not start in a container (${reason}); starting it as a local process instead`,
    );
    return ways.process();
  }
}

async function connect(around: Surroundings): Promise<Engine | null> {
  const engine = await findEngine(around.run.owner);
  if (engine !== null) await removeOrphanContainers(engine, around.progress);
  return engine;
}
