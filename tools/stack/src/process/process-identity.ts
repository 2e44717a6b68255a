import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { types } from 'node:util';

import { systemErrorCode, unlessMissing } from '../errors.ts';

/**
 * Returns the start time of a process, in a form that is unique among processes with the same pid. Pids are reused, so
 * a pid alone is never enough to signal a process.
 *
 * @param pid the process
 * @returns the boot id and the start tick on Linux, the output of `ps` elsewhere; null if no such process lives
 */
export function startTimeOf(pid: number): string | null {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

function startTimeFromProc(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    // ESRCH: the process ended between open and read
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ESRCH') return null;
    throw error;
  }
  // proc(5): the name in parentheses may contain spaces, so fields are counted after it; 1 is state, 20 is starttime
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return `${bootId()}/${fields[19]}`;
}

function bootId(): string {
  return unlessMissing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), 'boot');
}

function startTimeFromPs(pid: number): string | null {
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text === '' ? null : text;
  } catch (error) {
    // ps exits with 1 if there is no such process
    if (types.isNativeError(error) && 'status' in error && error.status === 1) return null;
    throw error;
  }
}

/** Whether the process with this pid and start time is still alive. */
export function isAlive(pid: number, startTime: string): boolean {
  return startTimeOf(pid) === startTime;
}

/** Returns the identity of this process for `isAlive`. */
export function ownIdentity(): { pid: number; startTime: string } {
  const startTime = startTimeOf(process.pid);
  if (startTime === null) throw new Error('this process has no start time');
  return { pid: process.pid, startTime };
}

/** Returns the scope in which a pid is valid: this host and, on Linux, its pid namespace. */
export function pidWorld(): string {
  const namespace =
    process.platform === 'linux' ? unlessMissing(() => readlinkSync('/proc/self/ns/pid'), '') : '';
  return `${hostname()} ${namespace}`.trim();
}

/**
 * Signals a process and its whole group.
 *
 * @returns false if it no longer exists
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return false;
    throw error;
  }
}
