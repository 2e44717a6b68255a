import { accessSync, constants } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import type { Surroundings, Traces } from '../backing.ts';
import { cacheDirectory } from '../cache-directory.ts';
import { onFreePorts } from '../free-ports.ts';
import { startProcess } from '../process/supervised-process.ts';
import { answersHttp } from '../until.ts';

const START_TIMEOUT_MS = 20_000;

/** Where `npx tallystick build-jaeger` puts the program. */
export function builtJaeger(): string {
  return join(cacheDirectory(), process.platform === 'win32' ? 'jaeger.exe' : 'jaeger');
}

/** Returns the program to run: `jaeger` on the path, else the one in the cache; null if there is neither. */
export function findJaeger(env: NodeJS.ProcessEnv): string | null {
  const onPath = (env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'jaeger'));
  return [...onPath, builtJaeger()].find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // missing or not executable
    return false;
  }
}

/**
 * Starts Jaeger 2 as a process of this machine, with its traces in memory.
 *
 * @param command the program
 */
export async function startJaegerProcess(command: string, around: Surroundings): Promise<Traces> {
  return onFreePorts(5, async (ports) => {
    const directory = join(around.run.dataDirectory, 'jaeger');
    await mkdir(directory, { recursive: true });
    const config = join(directory, 'jaeger.yaml');
    await writeFile(config, configuration(ports));
    const [otlpHttp, , query] = ports;
    const process = await startProcess({
      name: 'jaeger',
      command,
      args: ['--config', `file:${config}`],
      // its own spans would go to a missing collector, and delay its end
      env: { PATH: around.env['PATH'], OTEL_TRACES_SAMPLER: 'always_off' },
      cwd: directory,
      logFile: join(around.logDirectory, 'jaeger.log'),
      pidDirectory: around.run.pidDirectory,
      readyWhen: () => answersHttp(`http://127.0.0.1:${query}/api/services`),
      timeoutMs: START_TIMEOUT_MS,
      onUnexpectedExit: (error) => around.progress(error.message),
    });
    return {
      otlp: `http://127.0.0.1:${otlpHttp}`,
      jaeger: `http://127.0.0.1:${query}`,
      query: `http://127.0.0.1:${query}`,
      origin: 'process',
      stop: () => process.stop(),
    };
  });
}

/** Returns a configuration with everything in one process, like Jaeger's default, on given ports of 127.0.0.1. */
function configuration([otlpHttp, otlpGrpc, query, queryGrpc, health]: number[]): string {
  return `service:
  extensions: [jaeger_storage, jaeger_query, healthcheckv2]
  pipelines:
    traces: { receivers: [otlp], processors: [batch], exporters: [jaeger_storage_exporter] }
  telemetry:
    metrics: { level: none }
    logs: { level: warn }
extensions:
  healthcheckv2: { use_v2: true, http: { endpoint: "127.0.0.1:${health}" } }
  jaeger_query:
    storage: { traces: latest }
    http: { endpoint: "127.0.0.1:${query}" }
    grpc: { endpoint: "127.0.0.1:${queryGrpc}" }
  jaeger_storage:
    backends: { latest: { memory: { max_traces: 20000 } } }
receivers:
  otlp:
    protocols:
      http: { endpoint: "127.0.0.1:${otlpHttp}" }
      grpc: { endpoint: "127.0.0.1:${otlpGrpc}" }
processors:
  batch: { timeout: 200ms }
exporters:
  jaeger_storage_exporter: { trace_storage: latest }
`;
}
