import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

import { cacheDirectory } from '../cache-directory.ts';
import { PrerequisiteError, unlessMissing } from '../errors.ts';
import { endProcess, livingProcesses } from './pid-file.ts';
import { isAlive, ownIdentity, pidWorld, signalGroup } from './process-identity.ts';

const NEEDED_MEGABYTES = 500;
const ORPHAN_STOP_TIMEOUT_MS = 5_000;

/** The form of an owner in the directory of the run, and on its containers. */
export const ownerSchema = z.object({
  id: z.string(),
  world: z.string(),
  pid: z.int().positive(),
  startTime: z.string(),
  dataDirectory: z.string(),
});

/** The owner of a run; containers carry it as their label. */
export type RunOwner = z.infer<typeof ownerSchema>;

/**
 * One run of the stack: a directory of pid files in the user's cache, and a temporary directory for data. Both are
 * removed when the run ends; the next run removes those of a killed run.
 */
export interface Run {
  readonly id: string;
  readonly owner: RunOwner;
  /** for `startProcess` */
  readonly pidDirectory: string;
  /** for the data of this run only, removed when it ends */
  readonly dataDirectory: string;
  /** ends the remaining processes of this run and removes its directories */
  close(): Promise<void>;
}

/**
 * Opens a run of this process.
 *
 * @throws PrerequisiteError if the disk of the temporary directory is full
 */
export function openRun(): Run {
  checkRoom();
  const id = randomUUID();
  const directory = join(runsDirectory(), id);
  const pidDirectory = join(directory, 'pids');
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tallystick-'));
  // as root, Postgres runs as another user, who must be able to traverse to its own directory
  if (process.getuid?.() === 0) chmodSync(dataDirectory, 0o711);
  const owner: RunOwner = { id, world: pidWorld(), ...ownIdentity(), dataDirectory };
  mkdirSync(pidDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, 'owner.json'), JSON.stringify(owner), { mode: 0o600 });

  const onExit = () => {
    // last resort if the process ends without a chance to wait: process.exit, or an error during the stop
    for (const { pid } of livingProcesses(pidDirectory)) signalGroup(pid, 'SIGKILL');
    remove(directory, dataDirectory);
  };
  process.once('exit', onExit);
  return {
    id,
    owner,
    pidDirectory,
    dataDirectory,
    close: async () => {
      await Promise.all(
        livingProcesses(pidDirectory).map((file) => endProcess(file, ORPHAN_STOP_TIMEOUT_MS)),
      );
      remove(directory, dataDirectory);
      process.off('exit', onExit);
    },
  };
}

/**
 * Ends the remaining processes of runs whose own process was killed before it could stop them.
 *
 * @param progress called with a line for each such run
 * @returns the number of ended processes
 */
export async function endOrphans(progress: (line: string) => void): Promise<number> {
  let ended = 0;
  for (const name of unlessMissing(() => readdirSync(runsDirectory()), [])) {
    const directory = join(runsDirectory(), name);
    const owner = readOwner(directory);
    if (owner === null || !isOrphaned(owner)) continue;
    const processes = livingProcesses(join(directory, 'pids'));
    await Promise.all(processes.map((file) => endProcess(file, ORPHAN_STOP_TIMEOUT_MS)));
    remove(directory, owner.dataDirectory);
    if (processes.length > 0) {
      const list = processes.map((file) => `${file.name} (pid ${file.pid})`).join(', ');
      progress(`Ended the leftovers of a killed run: ${list}`);
    }
    ended += processes.length;
  }
  return ended;
}

/**
 * Whether the process that owned a run is gone. An owner on another host or in another pid namespace counts as alive.
 */
export function isOrphaned(owner: Pick<RunOwner, 'world' | 'pid' | 'startTime'>): boolean {
  return owner.world === pidWorld() && !isAlive(owner.pid, owner.startTime);
}

function runsDirectory(): string {
  return join(cacheDirectory(), 'runs');
}

function readOwner(directory: string): RunOwner | null {
  const text = unlessMissing(() => readFileSync(join(directory, 'owner.json'), 'utf8'), '');
  // no file or an incomplete file: that run is just opening, or was killed before it had started anything
  return text.endsWith('}') ? ownerSchema.parse(JSON.parse(text)) : null;
}

function remove(directory: string, dataDirectory: string): void {
  rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

function checkRoom(): void {
  const { bavail, bsize } = statfsSync(tmpdir());
  const freeMegabytes = Math.floor((bavail * bsize) / 2 ** 20);
  if (freeMegabytes >= NEEDED_MEGABYTES) return;
  throw new PrerequisiteError(
    `${tmpdir()} has ${freeMegabytes} MB free, but Kafka and Postgres need ${NEEDED_MEGABYTES} MB: free some space, or set TMPDIR to a directory with more.`,
  );
}
