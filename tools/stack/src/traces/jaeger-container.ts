import { join } from 'node:path';
import { Wait } from 'testcontainers';

import type { Surroundings, Traces } from '../backing.ts';
import type { Engine } from '../container/container-engine.ts';
import { jaegerImage } from '../container/images.ts';
import { containerOf } from '../container/local-container.ts';

const OTLP_GRPC_PORT = 4317;
const OTLP_HTTP_PORT = 4318;
const QUERY_PORT = 16686;
const START_TIMEOUT_MS = 30_000;

/** Starts Jaeger 2 in a container, with its traces in memory. */
export async function startJaegerContainer(engine: Engine, around: Surroundings): Promise<Traces> {
  const container = await containerOf(engine, jaegerImage, join(around.logDirectory, 'jaeger.log'))
    .withExposedPorts(OTLP_GRPC_PORT, OTLP_HTTP_PORT, QUERY_PORT)
    .withWaitStrategy(Wait.forHttp('/api/services', QUERY_PORT))
    .withStartupTimeout(START_TIMEOUT_MS)
    .start();
  const jaeger = `http://${engine.host}:${container.getMappedPort(QUERY_PORT)}`;
  return {
    otlp: `http://${engine.host}:${container.getMappedPort(OTLP_HTTP_PORT)}`,
    jaeger,
    query: jaeger,
    origin: 'container',
    stop: async () => {
      await container.stop();
    },
  };
}
