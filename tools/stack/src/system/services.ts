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
  /** The variables of this service alone; those common to all are added. */
  env: Record<string, string>;
  /** The name of the process, for a second one of the same service. */
  processName?: string;
  code: ServiceCode;
}

/**
 * The code of a service: its sources, so that a change takes effect at the next start, or that of the images (see
 * `buildServices`).
 */
export type ServiceCode = 'sources' | 'built';

const codeOf = {
  sources: (name: ServiceName): string[] => [...sourceFlags, ...programOf(name, 'src/main.ts')],
  built: (name: ServiceName): string[] => ['--enable-source-maps', ...programOf(name, 'dist/main.js')],
};

/**
 * Heap settings of a service, as in its image. Batches live for some milliseconds, and die in a large young
 * generation. Little is alive at its collection, so helper threads cost more than they save. The old generation is
 * collected when it has grown to twice its live size, instead of up to four times.
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

/** Starts a service as a separate process with its own log, with OpenTelemetry loaded before it. */
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
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
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
