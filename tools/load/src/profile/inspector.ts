import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@tallystick/stack';
import * as z from 'zod';

/** Address of Node's inspector after SIGUSR1. */
const INSPECTOR = 'http://127.0.0.1:9229';
const OPEN_WITHIN_MS = 5_000;
const ANSWER_WITHIN_MS = 30_000;
const SAMPLING_INTERVAL_US = 500;
const SAMPLED_EVERY_BYTES = 65_536;

const targets = z.array(z.object({ webSocketDebuggerUrl: z.url() })).min(1);
const answer = z.object({
  id: z.number().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const profileAnswer = z.object({ profile: z.unknown() });

/**
 * Profiles a running Node process. It opens the inspector (SIGUSR1), samples for a while, and closes the inspector
 * again, so that the next process can use the port.
 * @param seconds duration of each of the two samplings: first time, then allocations, whether freed or not
 * @returns the contents of a `.cpuprofile` and a `.heapprofile` file
 */
export async function profileProcess(
  pid: number,
  seconds: number,
): Promise<{ time: unknown; allocations: unknown }> {
  process.kill(pid, 'SIGUSR1');
  let url: string | undefined;
  await until(async () => {
    url = await debuggerUrl();
    return url !== undefined;
  }, OPEN_WITHIN_MS);
  if (url === undefined) throw new Error(`process ${pid} opened no inspector within ${OPEN_WITHIN_MS} ms`);
  const session = await connect(url);
  try {
    await session.ask('Profiler.enable');
    await session.ask('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
    await session.ask('Profiler.start');
    await delay(seconds * 1000);
    const time = profileAnswer.parse(await session.ask('Profiler.stop')).profile;
    await session.ask('HeapProfiler.enable');
    await session.ask('HeapProfiler.startSampling', {
      samplingInterval: SAMPLED_EVERY_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    await delay(seconds * 1000);
    const allocations = profileAnswer.parse(await session.ask('HeapProfiler.stopSampling')).profile;
    await session.ask('Runtime.evaluate', {
      expression: `void setTimeout(() => process.getBuiltinModule('node:inspector').close(), 50)`,
    });
    return { time, allocations };
  } finally {
    session.close();
    await until(async () => (await debuggerUrl()) === undefined, OPEN_WITHIN_MS);
  }
}

async function debuggerUrl(): Promise<string | undefined> {
  try {
    const response = await fetch(`${INSPECTOR}/json/list`, { signal: AbortSignal.timeout(1_000) });
    return targets.parse(await response.json())[0]!.webSocketDebuggerUrl;
  } catch {
    // the inspector is not open yet, or no longer
    return undefined;
  }
}

interface Session {
  ask(method: string, params?: object): Promise<unknown>;
  close(): void;
}

async function connect(url: string): Promise<Session> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = answer.parse(JSON.parse(String(data)));
    const asked = waiting.get(id ?? -1);
    waiting.delete(id ?? -1);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(error.message));
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error(`no inspector at ${url}`)), { once: true });
  });
  let asked = 0;
  return {
    ask(method, params = {}) {
      asked += 1;
      const id = asked;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`no answer to ${method} within ${ANSWER_WITHIN_MS} ms`));
        }, ANSWER_WITHIN_MS);
        const settled =
          <T>(accept: (value: T) => void) =>
          (value: T): void => {
            clearTimeout(timer);
            accept(value);
          };
        waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
        socket.send(JSON.stringify({ id, method, params }));
      });
    },
    close: () => socket.close(),
  };
}
