import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@tallystick/contracts';
import type { BackingServices } from '../backing-services.ts';
import { answersHttp } from '../until.ts';
import { sourceFlags } from '../process/source-flags.ts';
import { startProcess, type SupervisedProcess } from '../process/supervised-process.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const START_TIMEOUT_MS = 30_000;

export interface ServiceStart {
  name: ServiceName;
  url: string;
  /** What is this service's own; what all have alike is added. */
  env: Record<string, string>;
  /** Names the process, where it is not the service's only one. */
  processName?: string;
  code: ServiceCode;
}

/** What a service runs from: its sources, so that a change counts at the next start, or what images have (see `buildServices`). */
export type ServiceCode = 'sources' | 'built';

const codeOf = {
  sources: (name: ServiceName): string[] => [...sourceFlags, ...programOf(name, 'src/main.ts')],
  built: (name: ServiceName): string[] => ['--enable-source-maps', ...programOf(name, 'dist/main.js')],
};

/**
 * How the heap of a service is kept, as in its image: batches live for some milliseconds, and a large young generation lets
 * them die there. Little is alive when it is collected, so helping threads cost more than they help. What outlives it is
 * collected once it has grown to twice what is alive, instead of up to four times.
 */
export const heapFlags = [
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--no-parallel-scavenge',
  '--heap-growing-percent=100',
];

function programOf(name: ServiceName, main: string): string[] {
  return ['--import=@tallystick/telemetry/register', join(ROOT, 'services', name, main)];
}

/** Starts a service as its own process with its own log, with OpenTelemetry loaded before it. */
export function startService(
  service: ServiceStart,
  backing: BackingServices,
  onUnexpectedExit: (error: Error) => void,
): Promise<SupervisedProcess> {
  const { name, url, env, processName = name, code } = service;
  return startProcess({
    name: processName,
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      '--disable-warning=TimeoutNegativeWarning',
      ...heapFlags,
      ...codeOf[code](name),
    ],
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      OTEL_SERVICE_NAME: name,
      OTEL_EXPORTER_OTLP_ENDPOINT: backing.traces.otlp,
      TRACES_PER_SECOND: process.env['TRACES_PER_SECOND'],
      LOG_LEVEL: process.env['LOG_LEVEL'],
      LOG_FORMAT: process.env['LOG_FORMAT'],
      REQUESTS_PER_SECOND_MAX: process.env['REQUESTS_PER_SECOND_MAX'],
      PORT: new URL(url).port,
      PUBLIC_URL: url,
      ...env,
    },
    logFile: join(backing.logDirectory, `${processName}.log`),
    pidDirectory: backing.pidDirectory,
    readyWhen: () => answersHttp(`${url}/health/ready`),
    timeoutMs: START_TIMEOUT_MS,
    stopTimeoutMs: 20_000,
    onUnexpectedExit,
  });
}
