import { createWriteStream } from 'node:fs';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { GenericContainer } from 'testcontainers';

import { isLocal, type Engine } from './container-engine.ts';

/** The part of a container's settings that binds its ports to addresses of the host. */
interface Bindings {
  PortBindings?: unknown;
}

/** Binds ports to loopback: Docker's default is every address of the host, and Testcontainers has no option for it. */
function onLoopbackOnly(hostConfig: Bindings): void {
  const bindings = (hostConfig.PortBindings ?? {}) as Record<string, { HostPort: string }[]>;
  hostConfig.PortBindings = Object.fromEntries(
    Object.entries(bindings).map(([port, list]) => [
      port,
      list.map((one) => ({ ...one, HostIp: '127.0.0.1' })),
    ]),
  );
}

class LocalContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    onLoopbackOnly(this.hostConfig);
  }
}

class LocalPostgres extends PostgreSqlContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    onLoopbackOnly(this.hostConfig);
  }
}

/** Creates a container whose ports are open on this machine only, unless the engine runs on another one. */
export function containerOf(engine: Engine, image: string, logFile: string): GenericContainer {
  const container = isLocal(engine) ? new LocalContainer(image) : new GenericContainer(image);
  return prepared(container, engine, logFile);
}

/** Like `containerOf`, for Postgres. */
export function postgresContainerOf(engine: Engine, image: string, logFile: string): PostgreSqlContainer {
  const container = isLocal(engine) ? new LocalPostgres(image) : new PostgreSqlContainer(image);
  return prepared(container, engine, logFile);
}

function prepared<T extends GenericContainer>(container: T, engine: Engine, logFile: string): T {
  return container
    .withLabels(engine.labels)
    .withAutoCleanup(engine.reaper)
    .withLogConsumer((stream) => stream.pipe(createWriteStream(logFile, { mode: 0o600 })));
}
