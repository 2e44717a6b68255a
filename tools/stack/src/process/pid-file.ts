import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

import { unlessMissing } from '../errors.ts';
import { until } from '../until.ts';
import { isAlive, signalGroup, startTimeOf } from './process-identity.ts';

const signals = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

const pidFileSchema = z.object({
  name: z.string(),
  pid: z.int().positive(),
  startTime: z.string(),
  stopSignal: z.enum(signals),
});

/** A process that a run has started, as described by its pid file. */
export type PidFile = z.infer<typeof pidFileSchema>;

/** The signals that ask a process to end gracefully. */
export type StopSignal = (typeof signals)[number];

/**
 * Writes the pid file of a process that was just started.
 *
 * @param directory that of a run; it must exist, and is removed when the run is closed
 * @returns null if the process has ended already
 */
export function writePidFile(
  directory: string,
  name: string,
  pid: number,
  stopSignal: StopSignal,
): PidFile | null {
  const startTime = startTimeOf(pid);
  if (startTime === null) return null;
  const content: PidFile = { name, pid, startTime, stopSignal };
  writeFileSync(join(directory, `${name}.pid.json`), JSON.stringify(content), { mode: 0o600 });
  return content;
}

export function removePidFile(directory: string, name: string): void {
  rmSync(join(directory, `${name}.pid.json`), { force: true });
}

/** Returns the processes of a run that are still alive. */
export function livingProcesses(directory: string): PidFile[] {
  const names = unlessMissing(() => readdirSync(directory), []).filter((name) => name.endsWith('.pid.json'));
  return names
    .map((name) => parse(unlessMissing(() => readFileSync(join(directory, name), 'utf8'), '')))
    .filter((file) => file !== null)
    .filter(({ pid, startTime }) => isAlive(pid, startTime));
}

function parse(text: string): PidFile | null {
  // a run killed during a write leaves an incomplete file; its process is then unknown
  if (text === '' || !text.endsWith('}')) return null;
  return pidFileSchema.parse(JSON.parse(text));
}

/**
 * Ends a process by its pid file: gracefully first, by force after a timeout.
 *
 * @param file the process; nothing happens if its pid belongs to another process by now
 * @param timeoutMs time to end gracefully
 */
export async function endProcess(file: PidFile, timeoutMs: number): Promise<void> {
  const gone = () => !isAlive(file.pid, file.startTime);
  if (gone() || !signalGroup(file.pid, file.stopSignal)) return;
  if (await until(gone, timeoutMs)) return;
  signalGroup(file.pid, 'SIGKILL');
  if (!(await until(gone, timeoutMs)))
    throw new Error(`${file.name} (pid ${file.pid}) does not end, even by SIGKILL`);
}
