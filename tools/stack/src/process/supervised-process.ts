import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

import { PrerequisiteError, systemErrorCode } from '../errors.ts';
import { until } from '../until.ts';
import { logTail } from './log-tail.ts';
import { endProcess, removePidFile, writePidFile, type PidFile, type StopSignal } from './pid-file.ts';
import { signalGroup } from './process-identity.ts';

const LOG_LINES_SHOWN = 15;

export interface ProcessOptions {
  /** name of the process in messages and its pid file; unique in one pid directory */
  name: string;
  command: string;
  args: string[];
  /** the whole environment: nothing is inherited */
  env: Record<string, string | undefined>;
  cwd?: string;
  /** run as this user, when this process is root */
  user?: { uid: number; gid: number };
  /** receives stdout and stderr; truncated at the start, appended to by a restart */
  logFile: string;
  /** directory of its pid file, so that the next run finds the process if this run is killed */
  pidDirectory: string;
  /** called every 50 ms until it returns true; an error from it ends the start */
  readyWhen: () => Promise<boolean>;
  /** time to become ready */
  timeoutMs: number;
  /** signal that asks it to end; SIGTERM by default */
  stopSignal?: StopSignal;
  /** time to end before SIGKILL; 10,000 by default */
  stopTimeoutMs?: number;
  /** called when it ends without being asked to, after it was ready */
  onUnexpectedExit?: (error: Error) => void;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface SupervisedProcess {
  readonly name: string;
  /** of the running process, or of the last one */
  readonly pid: number;
  readonly running: boolean;
  /** resolves when the present process ends, for any reason */
  readonly exited: Promise<Exit>;
  /** ends it gracefully, by SIGKILL after a timeout; does nothing if it has ended already */
  stop(): Promise<void>;
  /** sends a signal to it and its group, and waits for its end unless the signal only pauses or continues it */
  kill(signal: NodeJS.Signals): Promise<void>;
  /**
   * stops it if it runs, starts it again and waits until it is ready
   *
   * @param added variables to add to its environment, for this start only
   */
  restart(added?: Record<string, string>): Promise<void>;
}

/**
 * Starts a program and supervises it. It runs in a separate process group, so that Ctrl-C in the terminal reaches only
 * the supervisor, which ends its processes in order.
 *
 * @returns the process, when it is ready
 * @throws PrerequisiteError if the program is not installed or the disk is full; Error with the last lines of the log
 *   if it ends early or is not ready in time
 */
export async function startProcess(options: ProcessOptions): Promise<SupervisedProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  let current = await launch(options, 'w');
  return {
    name: options.name,
    get pid() {
      return current.pid;
    },
    get running() {
      return current.exit() === null;
    },
    get exited() {
      return current.exited;
    },
    stop: () => current.stop(),
    kill: (signal) => current.kill(signal),
    restart: async (added = {}) => {
      await current.stop();
      current = await launch({ ...options, env: { ...options.env, ...added } }, 'a');
    },
  };
}

interface Launched {
  pid: number;
  exited: Promise<Exit>;
  exit(): Exit | null;
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

async function launch(options: ProcessOptions, logFlag: 'w' | 'a'): Promise<Launched> {
  const log = openSync(options.logFile, logFlag, 0o600);
  const logStart = fstatSync(log).size;
  let child: ChildProcess;
  try {
    child = spawn(options.command, options.args, {
      env: options.env,
      stdio: ['ignore', log, log],
      detached: true,
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...options.user,
    });
  } finally {
    closeSync(log);
  }
  const failed = (what: string) => failure(options, logStart, what);
  const launched = watch(options, child, failed);
  if (child.pid === undefined) throw await notStarted(options, child);
  const file = register(options, child.pid);
  const process: Launched = { ...launched, ...controls(options, file, launched), pid: child.pid };
  await waitUntilReady(options, process, failed);
  launched.setReady();
  return process;
}

function register(options: ProcessOptions, pid: number): PidFile | null {
  try {
    return writePidFile(options.pidDirectory, options.name, pid, options.stopSignal ?? 'SIGTERM');
  } catch (error) {
    // a process that no later run can find must not stay alive
    signalGroup(pid, 'SIGKILL');
    throw error;
  }
}

function watch(options: ProcessOptions, child: ChildProcess, failed: (what: string) => Error) {
  const state = { exit: null as Exit | null, ready: false, asked: false };
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      state.exit = { code, signal };
      removePidFile(options.pidDirectory, options.name);
      if (state.ready && !state.asked) options.onUnexpectedExit?.(failed(describe(state.exit)));
      resolve(state.exit);
    });
  });
  return {
    exited,
    exit: () => state.exit,
    setReady: () => (state.ready = true),
    setAsked: () => (state.asked = true),
  };
}

function controls(options: ProcessOptions, file: PidFile | null, watched: ReturnType<typeof watch>) {
  return {
    stop: async () => {
      watched.setAsked();
      if (file === null || watched.exit() !== null) return;
      await endProcess(file, options.stopTimeoutMs ?? 10_000);
      await watched.exited;
    },
    kill: async (signal: NodeJS.Signals) => {
      if (file === null || watched.exit() !== null) return;
      const pauses = signal === 'SIGSTOP' || signal === 'SIGCONT' || signal === 'SIGTSTP';
      if (!pauses) watched.setAsked();
      signalGroup(file.pid, signal);
      if (!pauses) await watched.exited;
    },
  };
}

async function waitUntilReady(options: ProcessOptions, process: Launched, failed: (what: string) => Error) {
  try {
    const ready = await until(
      async () => process.exit() !== null || (await options.readyWhen()),
      options.timeoutMs,
    );
    const exit = process.exit();
    if (exit !== null) throw failed(`${describe(exit)} before it was ready`);
    if (!ready) throw failed(`was not ready after ${options.timeoutMs / 1000} s`);
  } catch (error) {
    await process.stop();
    throw error;
  }
}

async function notStarted(options: ProcessOptions, child: ChildProcess): Promise<Error> {
  const error = await new Promise<Error>((resolve) => child.once('error', resolve));
  if (systemErrorCode(error) === 'ENOENT') {
    return new PrerequisiteError(`${options.command}, which ${options.name} needs, is not installed.`, {
      cause: error,
    });
  }
  return error;
}

function describe({ code, signal }: Exit): string {
  return signal === null ? `ended with exit status ${code}` : `ended by ${signal}`;
}

function failure(options: ProcessOptions, logStart: number, what: string): Error {
  const tail = logTail(options.logFile, logStart, LOG_LINES_SHOWN);
  if (/No space left on device|ENOSPC/.test(tail)) {
    return new PrerequisiteError(
      `The disk is full, so ${options.name} stopped: free some space, or set TMPDIR to a directory with more.`,
    );
  }
  return new Error(`${options.name} ${what}; the end of ${options.logFile}:\n${tail}`);
}
